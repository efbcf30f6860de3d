import { expect } from 'chai';
import { type FuzzReport, fuzz } from '../../fuzz/fuzz.js';
import { HEAP_GROWTH, heapGrowth } from '../../fuzz/index.js';
import { answerShapes } from '../../lab/people/rest-shapes.js';
import { restRoutes } from '../../lab/people/routes.js';

const RUNS = 2_000;

describe('a node that is sent anything at all', function () {
  this.timeout(120_000);
  let report: FuzzReport;

  before(async () => {
    report = await fuzz({ runs: RUNS, seed: 20_261_122, say: () => {} });
  });

  it('gets inputs of every kind', () => {
    const sent = Object.values(report.sent);
    expect(sent.reduce((sum, count) => sum + count)).to.equal(RUNS);
    for (const count of sent) expect(count).to.be.greaterThan(10);
  });

  it('answers nearly all of them, however busy the machine is', () => {
    expect(report.overloaded).to.be.below(RUNS / 50);
  });

  it('refuses what is invalid, and answers in the shapes of the contract', () => {
    expect(report.faults).to.deep.equal([]);
  });

  it('neither ends nor logs an error', () => {
    expect(report.logged).to.deep.equal([]);
  });

  it('keeps its memory', () => {
    expect(report.heap.length).to.be.greaterThan(1);
    expect(heapGrowth(report)).to.be.below(HEAP_GROWTH);
  });

  it('is judged by a shape for every call', () => {
    const calls = restRoutes().filter(({ shape }) => shape !== undefined);
    const names = calls.map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(answerShapes)).to.include.members(names);
  });
});
