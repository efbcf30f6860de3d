import { expect } from 'chai';
import { BENCHES } from '../../bench/benches.js';
import type { Results } from '../../bench/results.js';
import { scenarios } from '../../bench/support/queue-scenarios.js';

/** `flood.test.ts` runs that bench in more detail. */
type Bench = Exclude<keyof typeof BENCHES, 'flood'>;

const PAIR = ['ours-redis-origin', 'ours-redis-edge'];
const OPEN_AND_LIST = ['empty-ack', 'open-ours', 'open-raw-sql', 'list-ours', 'list-raw-sql'];
const QUANTILES = ['ours-memory-p50', 'ours-memory-p99'];
const CLAIMS = Object.keys(scenarios(1));

/** The rows of each table, by the beginnings of their names. Peers that must be installed may be missing. */
const ROWS: Record<Bench, Record<string, string[]>> = {
  bytes: { bytes: ['upstream@10', 'ours-memory@10'] },
  claims: { 'claims-p50': CLAIMS, 'claims-p99': CLAIMS, 'claims-cpu': CLAIMS },
  'fan-out': { 'fan-out': ['ours-memory', 'bare-socketio'] },
  history: { history: OPEN_AND_LIST.map((row) => `${row}@100`) },
  idle: Object.fromEntries(
    ['cpu', 'redis-commands', 'redis-cpu', 'postgres-transactions', 'postgres-cpu'].map((name) => [
      `idle-${name}`,
      ['ours-redis', 'node-alone'],
    ]),
  ),
  imports: Object.fromEntries(
    ['memory', 'time', 'late'].map((name) => [
      `imports-${name}`,
      ['ours-memory@1', 'ours-memory@2'],
    ]),
  ),
  latency: {
    'latency-added': [...QUANTILES, 'ours-v1-p50', 'ours-v1-p99'],
    'latency-ack': QUANTILES,
    'latency-added-at-once': [...QUANTILES, 'ours-v1-p50', 'ours-v1-p99'],
    'latency-ack-at-once': QUANTILES,
  },
  nodes: {
    'nodes-origin': ['ours-redis@2', 'classic-adapter@2'],
    'nodes-idle': ['ours-redis@2', 'classic-adapter@2'],
    'nodes-packets': ['ours-redis@2', 'classic-adapter@2'],
    'nodes-lists': ['ours-redis@2', 'classic-adapter@2'],
  },
  page: {
    ...Object.fromEntries(
      ['busy', 'script', 'style', 'layout', 'long-tasks', 'frames', 'keys'].map((name) => [
        `page-${name}`,
        ['prose-1x@4'],
      ]),
    ),
    'page-open': ['ours', 'bare'],
    'page-bytes': ['ours'],
  },
  redis: {
    'redis-memory': ['ours-redis'],
    'redis-cpu': ['ours-redis'],
    'redis-delivery': ['classic-adapter'],
  },
  resume: { 'resume-one': ['ours-redis-origin'], 'resume-all': ['ours-redis-edge'] },
  search: {
    search: ['few', 'average', 'many'].flatMap((reader) => [
      `rare-word-${reader}@4000`,
      `frequent-sign-${reader}@4000`,
    ]),
  },
  sockets: {
    'sockets-memory': ['ours-memory', 'bare-socketio'],
    'sockets-handshakes': ['ours-memory', 'bare-socketio', 'bare-socketio-jwt'],
    'sockets-handshake-cpu': ['ours-memory', 'bare-socketio', 'bare-socketio-jwt'],
  },
  start: { start: ['listening', 'ready'], 'start-cpu': ['ready'] },
  stores: Object.fromEntries(
    [
      'deltas',
      'redis-commands',
      'redis-bytes',
      'redis-cpu',
      'postgres-transactions',
      'postgres-cpu',
    ].map((name) => [`stores-${name}`, ['ours-redis']]),
  ),
  streams: { streams: ['ours-redis-origin'] },
  tokens: { tokens: ['limit', 'openai-sdk', ...PAIR, 'ours-v1', 'express-openai-sse'] },
};

function expectFigures(results: Results, expected: Record<string, string[]>): void {
  expect(Object.keys(results)).to.have.members(Object.keys(expected));
  for (const [table, names] of Object.entries(expected)) {
    const rows = Object.entries(results[table]?.rows ?? {});
    for (const name of names) {
      const found = rows.filter(([row]) => row.startsWith(name));
      expect(found, `rows ${name} of ${table}`).not.to.have.lengthOf(0);
    }
    for (const [row, figures] of rows)
      expect(Object.values(figures).every(Number.isFinite), `figures of ${row}`).to.equal(true);
  }
}

/** The figures do not matter here: a machine that runs tests is no place to measure. */
describe('Each bench at its smallest', () => {
  for (const [name, rows] of Object.entries(ROWS)) {
    it(`${name} ends with a finite figure in each of its rows`, async function () {
      this.timeout(120_000);
      expectFigures(await BENCHES[name as Bench](true), rows);
    });
  }
});
