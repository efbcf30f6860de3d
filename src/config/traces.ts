import type { EnvReader } from './env-reader.js';

/** The address and form of traces. */
export interface TracesConfig {
  url: string;
  protocol: 'http/protobuf' | 'http/json';
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';

function parseHttp(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hash !== '')
    throw new Error('expected http://… or https://… without #');
  return url;
}

/** Reads what the standard says: the general address is a base, that for traces is used as it is. */
function readUrl(read: EnvReader): string | null {
  const base = read.readable('OTEL_EXPORTER_OTLP_ENDPOINT', parseHttp);
  const own = read.readable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', parseHttp);
  return own ?? (base && below(base));
}

function below(base: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url.href;
}

function readProtocol(read: EnvReader): TracesConfig['protocol'] {
  const general = read.oneOf('OTEL_EXPORTER_OTLP_PROTOCOL');
  const own = 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
  return read.unless(own, () => read.oneOf(own)) ?? general;
}

/** Null: nothing is traced. Every variable is checked in any case. */
export function readTraces(read: EnvReader): TracesConfig | null {
  const exporter = read.unless('OTEL_TRACES_EXPORTER', () => read.oneOf('OTEL_TRACES_EXPORTER'));
  const isDisabled = read.boolean('OTEL_SDK_DISABLED', false);
  const protocol = readProtocol(read);
  const url = readUrl(read) ?? (exporter === 'otlp' ? below(DEFAULT_ENDPOINT) : null);
  return url === null || isDisabled || exporter === 'none' ? null : { url, protocol };
}
