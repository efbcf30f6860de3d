import { expect } from 'chai';
import { type Results, readResults } from '../../../bench/results.js';
import { costsOf, sizingTable, withTable } from '../../../bench/sizing.js';
import { connectionsOf, limitsOfNode, sizeFor, USE } from '../../../bench/support/sizing-model.js';
import { nextSteps } from '../../../bench/support/sizing-steps.js';
import { ENV_TABLE } from '../../../src/config/config.js';
import { readText } from '../../support/markdown.js';

const table = (rows: Record<string, number>): Results[string] => ({
  unit: '',
  rows: Object.fromEntries(
    Object.entries(rows).map(([row, median]) => [row, { median, min: median, max: median }]),
  ),
});
const ours = (median: number) => table({ 'ours-redis': median });
const alone = (median: number) => table({ 'ours-redis': 0, 'node-alone': median });

const RESULTS: Results = {
  tokens: table({ 'ours-redis-origin': 30, 'ours-redis-edge': 10 }),
  streams: table({ 'ours-redis-origin': 800 }),
  'sockets-memory': table({ 'ours-memory': 20 }),
  'sockets-handshakes': table({ 'ours-memory': 1_000 }),
  'idle-cpu': ours(0),
  'idle-redis-commands': ours(0.1),
  'idle-redis-cpu': ours(2),
  'idle-postgres-transactions': alone(4),
  'idle-postgres-cpu': alone(1_000),
  'resume-all': table({ 'ours-redis-edge': 2_000 }),
  'stores-deltas': ours(300),
  'stores-redis-commands': ours(5),
  'stores-redis-bytes': ours(1_000),
  'stores-redis-cpu': ours(20),
  'redis-memory': ours(23_000),
  'redis-delivery': table({ 'classic-adapter': 1 }),
  'stores-postgres-transactions': ours(10),
  'stores-postgres-cpu': ours(10_000),
  'nodes-lists': table({ 'ours-redis@8': 2 }),
  'nodes-idle': table({ 'classic-adapter@8': 10 }),
};

describe('the sizing table', () => {
  const costs = costsOf(RESULTS);

  it('fills a node by what a token costs where it is written and where it is read', () => {
    expect(limitsOfNode(costs)).to.include({ streams: 300, sockets: 3_600, answersPerSecond: 30 });
    expect(limitsOfNode({ ...costs, streamsHeld: 100 }).streams).to.equal(60);
    expect(limitsOfNode({ ...costs, socketBytes: 2 ** 22 }).sockets).to.equal(512);
  });

  it('counts what sockets cost that ask nothing', () => {
    // An answer of 2,000 µs a second for a twelfth of the time is 167 µs a second.
    const asMuchAgain = { ...costs, idleCpu: 2_000 / 12 };
    expect(limitsOfNode(asMuchAgain).sockets).to.equal(1_800);
    expect(limitsOfNode(asMuchAgain).idleSockets).to.equal(3_600);
    expect(limitsOfNode(asMuchAgain).streams).to.equal(300);
  });

  it('grows with the load, one node more than it needs', () => {
    const size = sizeFor(12_000, costs);
    expect(size).to.include({ streams: 1_000, answersPerSecond: 100, nodes: 5 });
    expect(size.transactions).to.equal(100 * 10 + 5 * 4);
    expect(size.redisCommands).to.equal(100 * 300 * 5 + 12_000 * 0.1);
    expect(size.redisCores).to.be.closeTo(0.6 + 0.024, 1e-9);
    expect(size.postgresCores).to.be.closeTo(1 + 0.005, 1e-9);
    expect(nextSteps(sizeFor(1_000, costs))).to.deep.equal([]);
  });

  it('lets lists of all users take a part of each node', () => {
    const { listShare, listRedisCores, nodes } = sizeFor(1_200_000, costs);
    // 10,000 answers a second with two messages each, to every node.
    expect(listShare).to.be.closeTo(0.2, 1e-9);
    expect(nodes).to.equal(1_200_000 / 2_400 + 1);
    expect(listRedisCores).to.be.closeTo((20_000 * nodes) / 1e6, 1e-9);
  });

  it('brings back those of a dead node by what the others have to spare', () => {
    const { nodes, backAfterNode, backAfterAll } = sizeFor(12_000, costs);
    expect(costs.reconnectsPerSecond).to.equal(500);
    expect(backAfterNode).to.be.closeTo(12_000 / nodes / ((nodes - 1) * 500 * 0.4), 1e-9);
    expect(backAfterAll).to.be.closeTo(12_000 / (nodes * 500), 1e-9);
  });

  it('counts the connections that nodes make unless they are told otherwise', () => {
    const pool = ENV_TABLE.find(({ name }) => name === 'DB_POOL_MAX')?.default;
    expect(String(USE.poolPerNode)).to.equal(pool);
    expect(sizeFor(12_000, costs).connections).to.equal(connectionsOf(5, 20));
  });

  it('names what is too small first', () => {
    expect(nextSteps(sizeFor(12_000, costs)).join()).to.include('DB_POOL_MAX=4');
    const steps = nextSteps(sizeFor(120_000, costs)).join();
    expect(steps).to.include('a Redis Cluster of 11 masters').and.to.include('Postgres with');
    const many = nextSteps(sizeFor(1_200_000, costs));
    expect(many[0]).to.include('lists of users');
    expect(many.join()).to.include('a pooler').and.to.include('more Postgres than one server');
  });

  it('is Markdown with a row for each size', () => {
    const rows = sizingTable(RESULTS)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows).to.have.lengthOf(6);
    expect(new Set(rows.map((line) => line.split('|').length)).size).to.equal(1);
    expect(sizingTable(RESULTS)).not.to.match(/NaN|Infinity|undefined/);
  });

  it('has its place in the operations page, and leaves the rest as it is', async () => {
    const page = await readText('docs/operations.md');
    const changed = withTable(page, 'TABLE 1');
    expect(changed).to.include('begin -->\n\nTABLE 1\n\n<!-- npm run bench -- sizing: end');
    expect(withTable(withTable(changed, 'TABLE 2'), 'TABLE 1')).to.equal(changed);
    const [before = '', after = ''] = changed.split('TABLE 1');
    expect(page.startsWith(before.trimEnd()) && page.endsWith(after.trimStart())).to.equal(true);
    expect(() => withTable('no marks', 'TABLE 1')).to.throw('no place');
  });

  it('is on the operations page as the results on record give it', async () => {
    const page = await readText('docs/operations.md');
    const results = await readResults();
    expect(page).to.equal(withTable(page, sizingTable(results)));
    const limit = Math.round(results.tokens?.rows.limit?.median ?? 0);
    expect(page).to.include(`it takes ${limit} µs to read and discard a token`);
  });

  it('says which benches have to run first', () => {
    const { tokens: _, ...rest } = RESULTS;
    expect(() => sizingTable(rest)).to.throw('lacks tokens:');
  });
});
