import type { EnvReader } from './env-reader.js';

/** Both null: no metrics are counted. */
export interface MetricsConfig {
  /** A port of their own; the main port then has none. */
  port: number | null;
  /** Token of the main port. */
  token: string | null;
}

export function readMetrics(read: EnvReader): MetricsConfig {
  const port = read.unless('METRICS_PORT', () => read.integer('METRICS_PORT'));
  if (port && port === read.integer('PORT')) read.problem('METRICS_PORT', 'another port than PORT');
  return {
    port,
    token: read.matching('METRICS_TOKEN', /^[!-~]+$/, 'printable ASCII characters without blanks'),
  };
}
