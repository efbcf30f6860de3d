import type { TraceIds } from '../ports/tracing.js';
import type { Logger } from './logger.js';

/** Puts the ids of a span into every line. Without tracing it is the logger itself. */
export function tracedLogger(logger: Logger, ids: TraceIds): Logger {
  if (ids.trace_id === undefined) return logger;
  return {
    debug: (fields, message) => logger.debug({ ...ids, ...fields }, message),
    info: (fields, message) => logger.info({ ...ids, ...fields }, message),
    warn: (fields, message) => logger.warn({ ...ids, ...fields }, message),
    error: (fields, message) => logger.error({ ...ids, ...fields }, message),
  };
}
