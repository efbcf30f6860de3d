import type { Results } from './results.js';
import {
  type Costs,
  limitsOfNode,
  nextStep,
  type Size,
  sizeFor,
  USE,
} from './support/sizing-model.js';

const SOCKETS = [1_000, 10_000, 100_000, 1_000_000];

/** @throws with the benches that have to run first */
export function costsOf(results: Results): Costs {
  const missing = new Set<string>();
  const median = (bench: string, row: string): number => {
    const found = results[bench]?.rows[row]?.median;
    if (found === undefined) missing.add(bench);
    return found ?? Number.NaN;
  };
  const costs = {
    originToken: median('tokens', 'ours-redis-origin'),
    edgeToken: median('tokens', 'ours-redis-edge'),
    streamsHeld: median('streams', 'ours-redis-origin'),
    socketBytes: median('sockets-memory', 'ours-memory') * 1_024,
    handshakesPerSecond: median('sockets-handshakes', 'ours-memory'),
    deltas: median('stores-deltas', 'ours-redis'),
    redisCommands: median('stores-redis-commands', 'ours-redis'),
    redisBytes: median('stores-redis-bytes', 'ours-redis'),
    redisCpu: median('stores-redis-cpu', 'ours-redis'),
    redisMemory: median('redis-memory', 'ours-redis'),
    transactions: median('stores-postgres-transactions', 'ours-redis'),
    postgresCpu: median('stores-postgres-cpu', 'ours-redis'),
    listMessages: median('nodes-lists', 'ours-redis@8'),
    listCpu: median('nodes-idle', 'classic-adapter@8'),
  };
  if (missing.size === 0) return costs;
  throw new Error(`bench/results.json lacks ${[...missing].join(', ')}: run these benches first`);
}

/** Two digits that count. */
const short = (value: number) =>
  value < 10 ? String(Number(value.toPrecision(2))) : Math.round(value).toLocaleString('en-US');

const row = (cells: string[]) => `| ${cells.join(' | ')} |`;

function sizeRow(size: Size): string {
  const steps = nextStep(size).join(', ') || 'nothing';
  return row([
    short(size.sockets),
    short(size.streams),
    short(size.answersPerSecond),
    short(size.nodes),
    `${short(size.redisCommands)}, ${short(size.redisBytes / 1e6)} MB`,
    `${short(size.redisCores)}, ${short(size.redisMemory / 1e6)} MB`,
    short(size.transactions),
    short(size.postgresCores),
    short(size.listMessages),
    steps,
  ]);
}

function growth(costs: Costs): string[] {
  const heads = ['sockets', 'running answers', 'answers a second', 'nodes', 'Redis a second'];
  const more = [
    'Redis cores, memory',
    'transactions a second',
    'Postgres cores',
    'list updates to nodes a second',
    'what to set',
  ];
  return [
    row([...heads, ...more]),
    row([...heads, ...more].map(() => '---')),
    ...SOCKETS.map((sockets) => sizeRow(sizeFor(sockets, costs))),
  ];
}

function perThousand(costs: Costs): string {
  const streams = 1_000;
  const size = sizeFor((streams * USE.everySeconds) / USE.answerSeconds, costs);
  return `1,000 running answers take ${short(size.redisCommands)} commands, ${short(size.redisBytes / 1e6)} MB and \
${short(size.redisCores)} cores of Redis a second, and ${short(size.transactions)} transactions and \
${short(size.postgresCores)} cores of Postgres.`;
}

/** Markdown for `docs/operations.md`, out of what was measured. */
export function sizingTable(results: Results): string {
  const costs = costsOf(results);
  const node = limitsOfNode(costs);
  return [
    `One node, kept ${USE.load * 100} % busy: ${short(node.streams)} running answers of ${USE.tokensPerSecond} tokens a second, \
${short(node.answersPerSecond)} answers a second, ${short(node.sockets)} sockets, ${short(costs.handshakesPerSecond)} new ones a second at most.`,
    perThousand(costs),
    '',
    ...growth(costs),
  ].join('\n');
}
