import type { TracesConfig } from '../../config/traces.js';
import type { Logger } from '../../domain/logger.js';
import { noTracing } from '../../ports/tracing.js';
import type { OpenTracing, TracedNode } from './sdk.js';

/** Loads nothing of OpenTelemetry without a config. */
export async function openTracing(
  config: TracesConfig | null,
  node: TracedNode,
  logger: Logger,
): Promise<OpenTracing> {
  if (!config) return { tracing: noTracing, stop: async () => {} };
  const { startSdk } = await import('./sdk.js');
  return startSdk(config, node, logger);
}
