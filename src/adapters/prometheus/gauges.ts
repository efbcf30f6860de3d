import { Gauge, type Registry } from 'prom-client';
import type { Gauges, QueueCounts } from '../../ports/metrics.js';

/** Time for which the queue's figures are used, so that nobody can make Postgres count more often. */
const QUEUE_FRESH_MS = 2_000;

/** Reads at most every two seconds. After a failure it has no figures until it can read again. */
function sampled(read: () => Promise<QueueCounts>): () => Promise<QueueCounts | null> {
  let last: Promise<QueueCounts | null> = Promise.resolve(null);
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - readAt >= QUEUE_FRESH_MS) {
      readAt = now;
      last = read().catch(() => null);
    }
    return last;
  };
}

/** Figures that are read when they are collected. Those that cannot be read are NaN. */
export function registerGauges(register: Registry, { sockets, pool, queue }: Gauges): void {
  const registers = [register];
  new Gauge({
    name: 'parley_sockets',
    help: 'Sockets of this node.',
    registers,
    collect() {
      this.set(sockets());
    },
  });
  new Gauge({
    name: 'parley_pool_connections',
    help: 'Connections to Postgres: idle, busy, and calls that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(pool())) this.set({ state }, count);
    },
  });
  const counts = sampled(queue);
  new Gauge({
    name: 'parley_queue_depth',
    help: 'Answers that wait, on all nodes together.',
    registers,
    async collect() {
      this.set((await counts())?.depth ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'parley_queue_age_seconds',
    help: 'Age of the answer that waits longest, on all nodes together.',
    registers,
    async collect() {
      this.set((await counts())?.oldestSeconds ?? Number.NaN);
    },
  });
}
