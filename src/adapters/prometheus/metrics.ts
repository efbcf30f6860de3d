import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Gauges, Metrics } from '../../ports/metrics.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { createCounters } from './counters.js';
import { registerGauges } from './gauges.js';

export interface OpenMetrics extends Metrics {
  telemetry: Telemetry;
  /** Call it once, when the figures can be read. */
  watch(gauges: Gauges): void;
}

/** Metrics in Prometheus' format. Every series exists from the start, at 0. */
export function openMetrics(version: string): OpenMetrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const telemetry = createCounters(register, version);
  return {
    telemetry,
    contentType: register.contentType,
    text: () => register.metrics(),
    watch: (gauges) => registerGauges(register, gauges),
  };
}
