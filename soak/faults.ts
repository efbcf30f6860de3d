import { Redis } from 'ioredis';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

/** Waits, but no longer once the soak heals everything. */
export type Hold = (ms: number) => Promise<void>;

interface FaultType {
  /** Must not be broken in two ways at once. */
  on: 'node' | 'redis' | 'postgres';
  /** Duration in ms. */
  lasts: readonly [min: number, max: number];
  /** Causes the fault, and resolves when everything is whole again. */
  run(stage: Stage, fault: Fault, hold: Hold): Promise<void>;
}

const nodeOf = (stage: Stage, { node }: Fault) => {
  const found = stage.nodes[node];
  if (!found) throw new Error(`no node ${node}`);
  return found;
};

const wayOf = (stage: Stage, fault: Fault, way: 'redis' | 'postgres') =>
  nodeOf(stage, fault).ways[way];

/** A fault of one node's connection: refused, silent, or silent only for subscriptions. */
function onWay(way: 'redis' | 'postgres', kind: 'cut' | 'mute' | 'deaf'): FaultType['run'] {
  return async (stage, fault, hold) => {
    const proxy = wayOf(stage, fault, way);
    if (kind === 'cut') proxy.cut();
    else proxy.mute(({ subscribes }) => kind === 'mute' || subscribes);
    await hold(fault.ms);
    proxy.heal();
  };
}

async function flush(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1');
  await client.flushall().finally(() => client.disconnect());
}

function postgresStop(mode: 'fast' | 'immediate'): FaultType['run'] {
  return async ({ postgres }, { ms }, hold) => {
    await postgres.stop(mode);
    await hold(ms);
    await postgres.start();
  };
}

export const FAULTS = {
  'node-kill': {
    on: 'node',
    lasts: [100, 6_000],
    async run(stage, fault, hold) {
      await nodeOf(stage, fault).kill();
      await hold(fault.ms);
      await nodeOf(stage, fault).start();
    },
  },
  'node-restart': {
    on: 'node',
    lasts: [100, 1_000],
    async run(stage, fault, hold) {
      await nodeOf(stage, fault).drain();
      await hold(fault.ms);
      await nodeOf(stage, fault).start();
    },
  },
  'node-freeze': {
    on: 'node',
    lasts: [1_000, 15_000],
    async run(stage, fault, hold) {
      nodeOf(stage, fault).freeze();
      await hold(fault.ms);
      nodeOf(stage, fault).thaw();
    },
  },
  'redis-restart': {
    on: 'redis',
    lasts: [100, 4_000],
    async run({ redis }, { ms }, hold) {
      await redis.kill();
      await hold(ms);
      await redis.start();
    },
  },
  'redis-flush': { on: 'redis', lasts: [0, 0], run: ({ redis }) => flush(redis.port) },
  'redis-freeze': {
    on: 'redis',
    lasts: [300, 8_000],
    async run({ redis }, { ms }, hold) {
      process.kill(redis.pid, 'SIGSTOP');
      await hold(ms);
      process.kill(redis.pid, 'SIGCONT');
    },
  },
  'redis-way-cut': { on: 'node', lasts: [300, 15_000], run: onWay('redis', 'cut') },
  'redis-way-mute': { on: 'node', lasts: [300, 15_000], run: onWay('redis', 'mute') },
  'redis-way-deaf': { on: 'node', lasts: [1_000, 10_000], run: onWay('redis', 'deaf') },
  'postgres-way-cut': { on: 'node', lasts: [300, 15_000], run: onWay('postgres', 'cut') },
  'postgres-way-mute': { on: 'node', lasts: [300, 15_000], run: onWay('postgres', 'mute') },
  'postgres-restart': { on: 'postgres', lasts: [0, 4_000], run: postgresStop('fast') },
  'postgres-crash': { on: 'postgres', lasts: [0, 4_000], run: postgresStop('immediate') },
  'postgres-freeze': {
    on: 'postgres',
    lasts: [500, 8_000],
    async run({ postgres }, { ms }, hold) {
      await postgres.freeze();
      await hold(ms);
      postgres.thaw();
    },
  },
} as const satisfies Record<string, FaultType>;

export type FaultKind = keyof typeof FAULTS;

export interface Fault {
  kind: FaultKind;
  /** When it begins, in ms since the load began. */
  at: number;
  ms: number;
  /** Index of the node. Without meaning for faults that concern no single node. */
  node: number;
}

const FIRST_AT_MS = 3_000;
/** Time between two faults: a lease and some more. */
const QUIET_MS = [4_000, 10_000] as const;
/** Share of faults that do not wait for the end of the one before. */
const OVERLAP = 0.15;

export const typeOf = (kind: FaultKind): FaultType => FAULTS[kind];

/** The target of a fault. Two faults at once must not share one. */
export const targetOf = ({ kind, node }: Fault): string => {
  const { on } = typeOf(kind);
  return on === 'node' ? `node${node + 1}` : on;
};

export const describeFault = (fault: Fault): string => {
  const { on } = typeOf(fault.kind);
  return `${fault.kind}${on === 'node' ? ` node${fault.node + 1}` : ''} ${(fault.ms / 1000).toFixed(1)}s`;
};

/** Rounds of all kinds, each in a new order, so that every kind occurs. None ends after `totalMs`. */
export function scheduleFaults(random: Random, totalMs: number): Fault[] {
  const kinds = Object.keys(FAULTS) as FaultKind[];
  const faults: Fault[] = [];
  for (let at = FIRST_AT_MS; ; ) {
    for (const kind of random.shuffle(kinds)) {
      const ms = random.int(...typeOf(kind).lasts);
      if (at + ms > totalMs) return faults;
      faults.push({ kind, at, ms, node: random.int(0, 2) });
      at += random.chance(OVERLAP) ? random.int(0, ms) : ms + random.int(...QUIET_MS);
    }
  }
}
