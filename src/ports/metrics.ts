/** Connections to Postgres of this node. */
export interface PoolCounts {
  idle: number;
  busy: number;
  /** Calls that wait for a connection. */
  waiting: number;
}

/** Answers that wait, on all nodes together. */
export interface QueueCounts {
  depth: number;
  /** Age of the answer that waits longest; 0 without any. */
  oldestSeconds: number;
}

/** Figures that are read on request. */
export interface Gauges {
  sockets(): number;
  pool(): PoolCounts;
  queue(): Promise<QueueCounts>;
}

/** Figures of this node, for a server that collects them. */
export interface Metrics {
  readonly contentType: string;
  /** Never rejects: figures that cannot be read are NaN. */
  text(): Promise<string>;
}
