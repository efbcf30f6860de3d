import { expect } from 'chai';
import type { Results } from '../../bench/results.js';
import { costsOf, sizingTable } from '../../bench/sizing.js';
import { limitsOfNode, nextStep, sizeFor } from '../../bench/support/sizing-model.js';

const table = (rows: Record<string, number>): Results[string] => ({
  unit: '',
  rows: Object.fromEntries(
    Object.entries(rows).map(([row, median]) => [row, { median, min: median, max: median }]),
  ),
});
const ours = (median: number) => table({ 'ours-redis': median });

const RESULTS: Results = {
  tokens: table({ 'ours-redis-origin': 30, 'ours-redis-edge': 10 }),
  streams: table({ 'ours-redis-origin': 800 }),
  'sockets-memory': table({ 'ours-memory': 20 }),
  'sockets-handshakes': table({ 'ours-memory': 1_000 }),
  'stores-deltas': ours(300),
  'stores-redis-commands': ours(5),
  'stores-redis-bytes': ours(1_000),
  'stores-redis-cpu': ours(20),
  'redis-memory': ours(23_000),
  'stores-postgres-transactions': ours(10),
  'stores-postgres-cpu': ours(10_000),
  'nodes-lists': table({ 'ours-redis@8': 2 }),
  'nodes-idle': table({ 'classic-adapter@8': 10 }),
};

describe('the sizing table', () => {
  const costs = costsOf(RESULTS);

  it('fills a node by what a token costs where it is written and where it is read', () => {
    expect(limitsOfNode(costs)).to.deep.equal({
      streams: 300,
      sockets: 3_600,
      answersPerSecond: 30,
    });
    expect(limitsOfNode({ ...costs, streamsHeld: 100 }).streams).to.equal(60);
    expect(limitsOfNode({ ...costs, socketBytes: 2 ** 22 }).sockets).to.equal(512);
  });

  it('grows with the load, one node more than it needs', () => {
    const size = sizeFor(12_000, costs);
    expect(size).to.include({
      streams: 1_000,
      answersPerSecond: 100,
      nodes: 5,
      transactions: 1_000,
    });
    expect(size.redisCommands).to.equal(150_000);
    expect(size.redisCores).to.be.closeTo(0.6, 1e-9);
    expect(size.postgresCores).to.be.closeTo(1, 1e-9);
    expect(nextStep(sizeFor(1_000, costs))).to.deep.equal([]);
  });

  it('names what is too small first', () => {
    const steps = nextStep(sizeFor(120_000, costs)).join();
    expect(steps).to.include('a Redis Cluster of 10 masters').and.to.include('Postgres with');
    expect(nextStep(sizeFor(1_000_000, costs)).join()).to.include('lists of users');
  });

  it('is Markdown with a row for each size', () => {
    const rows = sizingTable(RESULTS)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows).to.have.lengthOf(6);
    expect(new Set(rows.map((line) => line.split('|').length)).size).to.equal(1);
    expect(sizingTable(RESULTS)).not.to.include('NaN');
  });

  it('says which benches have to run first', () => {
    const { tokens: _, ...rest } = RESULTS;
    expect(() => sizingTable(rest)).to.throw('lacks tokens:');
  });
});
