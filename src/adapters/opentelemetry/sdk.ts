import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TracesConfig } from '../../config/traces.js';
import type { Logger } from '../../domain/logger.js';
import type { Tracing } from '../../ports/tracing.js';
import { ReportingExporter } from './reporting-exporter.js';
import { createTracing } from './tracing.js';

export interface TracedNode {
  nodeId: string;
  version: string;
}

export interface OpenTracing {
  tracing: Tracing;
  /** Sends what is left, for a short time. Never rejects. */
  stop(): Promise<void>;
}

/** A collector that does not reply delays the end of a node by no more than this. */
const STOP_MS = 2_000;
const NAME = 'parley';

/** The environment's values of the resource take precedence. */
const resourceOf = ({ nodeId, version }: TracedNode) =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': NAME,
        'service.version': version,
        'service.instance.id': nodeId,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));

/**
 * The SDK of OpenTelemetry, for this node alone: it is not registered globally. `config` decides some options; the
 * standard variables decide the others: sampler, batches, limits, headers, time-outs, compression, certificates.
 */
export function startSdk(
  { url, protocol }: TracesConfig,
  node: TracedNode,
  logger: Logger,
): OpenTracing {
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const exporter = new ReportingExporter(new Exporter({ url }), logger);
  const provider = new BasicTracerProvider({
    resource: resourceOf(node),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer(NAME, node.version);
  logger.info({ host: new URL(url).host, protocol }, 'traces are sent');
  return {
    tracing: createTracing(tracer, node.nodeId),
    async stop() {
      const over = new AbortController();
      const late = sleep(STOP_MS, undefined, { signal: over.signal }).catch(() => {});
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      exporter.giveUp();
      over.abort();
    },
  };
}
