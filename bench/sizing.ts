import { readFile, writeFile } from 'node:fs/promises';
import type { Results } from './results.js';
import { type Costs, limitsOfNode, type Size, sizeFor, USE } from './support/sizing-model.js';
import { nextSteps } from './support/sizing-steps.js';

const SOCKETS = [1_000, 10_000, 100_000, 1_000_000];
const PAGE = new URL('../docs/operations.md', import.meta.url);
const BEGIN = '<!-- npm run bench -- sizing: begin -->\n';
const END = '<!-- npm run bench -- sizing: end -->\n';

/** @throws Error that names the benches that must run first */
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
    idleCpu: median('idle-cpu', 'ours-redis'),
    idleRedisCommands: median('idle-redis-commands', 'ours-redis'),
    idleRedisCpu: median('idle-redis-cpu', 'ours-redis'),
    idlePostgresCpu: median('idle-postgres-cpu', 'ours-redis'),
    nodeTransactions: median('idle-postgres-transactions', 'node-alone'),
    nodePostgresCpu: median('idle-postgres-cpu', 'node-alone'),
    handshakesPerSecond: median('sockets-handshakes', 'ours-memory'),
    reconnectsPerSecond: 1e6 / median('resume-all', 'ours-redis-edge'),
    deltas: median('stores-deltas', 'ours-redis'),
    redisCommands: median('stores-redis-commands', 'ours-redis'),
    redisBytes: median('stores-redis-bytes', 'ours-redis'),
    redisCpu: median('stores-redis-cpu', 'ours-redis'),
    redisMemory: median('redis-memory', 'ours-redis'),
    transactions: median('stores-postgres-transactions', 'ours-redis'),
    postgresCpu: median('stores-postgres-cpu', 'ours-redis'),
    listMessages: median('nodes-lists', 'ours-redis@8'),
    listCpu: median('nodes-idle', 'classic-adapter@8'),
    listRedisCpu: median('redis-delivery', 'classic-adapter'),
  };
  if (missing.size === 0) return costs;
  throw new Error(`bench/results.json lacks ${[...missing].join(', ')}: run these benches first`);
}

/** Two significant digits. */
const short = (value: number) =>
  value < 10
    ? String(Number(value.toPrecision(2)))
    : Number(value.toPrecision(value < 100 ? 2 : 3)).toLocaleString('en-US');

const row = (cells: string[]) => `| ${cells.join(' | ')} |`;

/** Columns of the table, by their headings. */
const COLUMNS: Record<string, (size: Size) => string> = {
  sockets: ({ sockets }) => short(sockets),
  'running answers': ({ streams }) => short(streams),
  'messages stored a second': ({ answersPerSecond }) => short(answersPerSecond * 2),
  nodes: ({ nodes }) => short(nodes),
  'of each node for lists': ({ listShare }) => `${short(listShare * 100)} %`,
  'Redis commands a second': ({ redisCommands }) => short(redisCommands),
  'Redis cores for answers and presence': ({ redisCores }) => short(redisCores),
  'for lists': ({ listRedisCores }) => short(listRedisCores),
  'Redis memory': ({ redisMemory }) => `${short(redisMemory / 1e6)} MB`,
  'transactions a second': ({ transactions }) => short(transactions),
  'Postgres cores': ({ postgresCores }) => short(postgresCores),
  'all are back after a node died': ({ backAfterNode }) => `${short(backAfterNode)} s`,
  'after all were cut off': ({ backAfterAll }) => `${short(backAfterAll)} s`,
  'what to set': (size) => nextSteps(size).join('; ') || 'nothing',
};

function growth(costs: Costs): string[] {
  const heads = Object.keys(COLUMNS);
  const sizes = SOCKETS.map((sockets) => sizeFor(sockets, costs));
  return [
    row(heads),
    row(heads.map(() => '---')),
    ...sizes.map((size) => row(Object.values(COLUMNS).map((column) => column(size)))),
  ];
}

function oneNode(costs: Costs): string {
  const node = limitsOfNode(costs);
  return `One node, kept ${USE.load * 100} % busy, carries ${short(node.streams)} running answers of ${USE.tokensPerSecond} tokens a second
each; or ${short(node.sockets)} sockets whose users ask something every ${USE.everySeconds} seconds, which are ${short(node.answersPerSecond * 2)} messages stored a second; or
${short(node.idleSockets)} sockets that only listen. It accepts ${short(costs.handshakesPerSecond)} new sockets a second when it does nothing else, and brings
${short(costs.reconnectsPerSecond)} a second back to the text that they lack.`;
}

function perThousand(costs: Costs): string {
  const streams = 1_000;
  const size = sizeFor((streams * USE.everySeconds) / USE.answerSeconds, costs);
  return `1,000 running answers, with the ${short(size.sockets)} sockets that they belong to, take ${short(size.redisCommands)} commands a second,
${short(size.redisBytes / 1e6)} MB a second, ${short(size.redisCores)} cores and ${short(size.redisMemory / 1e6)} MB of Redis, and ${short(size.transactions)} transactions a second and
${short(size.postgresCores)} cores of Postgres.`;
}

/** Markdown for `docs/operations.md`, computed from measurements. */
export function sizingTable(results: Results): string {
  const costs = costsOf(results);
  return [oneNode(costs), '', perThousand(costs), '', ...growth(costs)].join('\n');
}

/** Puts the table between its two marks. @throws if these are missing */
export function withTable(page: string, table: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('the page has no place for the table');
  return `${page.slice(0, begin + BEGIN.length)}\n${table}\n\n${page.slice(end)}`;
}

export async function writeSizing(results: Results): Promise<string> {
  const table = sizingTable(results);
  await writeFile(PAGE, withTable(await readFile(PAGE, 'utf8'), table));
  return table;
}
