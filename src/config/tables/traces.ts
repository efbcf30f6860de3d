import type { Variable } from '../variable.js';

/** OpenTelemetry's own names. The others of that standard are read by its SDK. */
export const TRACES_TABLE = [
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    type: 'url',
    default: '',
    meaning:
      'Address of an OpenTelemetry collector, such as `http://localhost:4318`. Traces go to its path `/v1/traces`.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    type: 'url',
    default: '',
    meaning: 'The whole address for traces, used as it is. It takes precedence over the one above.',
  },
  {
    name: 'OTEL_TRACES_EXPORTER',
    type: 'choice',
    values: ['otlp', 'none'],
    default: '',
    meaning:
      '`otlp` sends traces, without an address to `http://localhost:4318/v1/traces`. `none` sends none. Empty: they are sent if there is an address.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    type: 'choice',
    values: ['http/protobuf', 'http/json'],
    default: 'http/protobuf',
    meaning: 'How traces are sent.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    type: 'choice',
    values: ['http/protobuf', 'http/json'],
    default: '',
    meaning: 'The same for traces alone. It takes precedence over the one above.',
  },
  {
    name: 'OTEL_SDK_DISABLED',
    type: 'boolean',
    default: 'false',
    meaning: '`true` sends no traces, whatever the others say.',
  },
] as const satisfies readonly Variable[];
