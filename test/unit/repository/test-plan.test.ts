import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { planOf } from '../../../scripts/test-plan.js';

const testsOf = (runs: readonly string[][]) => runs.flat().filter((arg) => arg.endsWith('.ts'));

describe('The test command', () => {
  it('runs everything but faults and benches, each file once', () => {
    const { runs, isPart } = planOf([]);
    expect(runs).to.have.lengthOf(1);
    expect(isPart).to.equal(false);
    const files = testsOf(runs);
    expect(files).to.include.members([
      'test/unit/repository/test-plan.test.ts',
      'test/browser/chat.test.ts',
      'test/cluster/pace.test.ts',
    ]);
    expect(new Set(files).size).to.equal(files.length);
    expect(files.filter((file) => file.includes('/faults/'))).to.deep.equal([]);
    expect(files.filter((file) => file.startsWith('test/bench/'))).to.deep.equal([]);
    expect(files.filter((file) => !existsSync(file))).to.deep.equal([]);
  });

  it('runs all faults, and the one that measures alone', () => {
    const { runs } = planOf(['--faults']);
    expect(runs[0]).to.deep.equal(['test/cluster/faults/load/worst-calls.test.ts']);
    const files = testsOf(runs);
    expect(files).to.include.members([
      'test/cluster/faults/zombie.test.ts',
      'test/cluster/faults/load/reconnects.test.ts',
    ]);
    expect(new Set(files).size).to.equal(files.length);
  });

  it('runs all benches, and nothing else', () => {
    const { runs, isPart } = planOf(['--benches']);
    expect(isPart).to.equal(false);
    expect(testsOf(runs).toSorted()).to.deep.equal([
      'test/bench/benches.test.ts',
      'test/bench/guard.test.ts',
    ]);
  });

  it('belongs to one of the three commands, whatever file it is', () => {
    const planned = [[], ['--faults'], ['--benches']].flatMap((args) => testsOf(planOf(args).runs));
    const there = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.test\.tsx?$/.test(name))
      .map((name) => join('test', name));
    expect(planned.toSorted()).to.deep.equal(there.toSorted());
  });

  it('runs nothing but the named files, with what mocha is to be told', () => {
    const args = ['test/unit/repository/docs.test.ts', '--grep', 'a word'];
    expect(planOf(args)).to.deep.equal({ runs: [args], isPart: true });
  });

  it('runs nothing but the tests of the named directories, side by side', () => {
    const { runs, isPart } = planOf(['test/cluster', 'test/security/', '--grep', 'a word']);
    expect(isPart).to.equal(true);
    expect(runs).to.have.lengthOf(1);
    const [run = []] = runs;
    expect(run).to.include('--parallel');
    expect(run.slice(-2)).to.deep.equal(['--grep', 'a word']);
    const folders = testsOf(runs).map((file) => file.split('/').slice(0, 2).join('/'));
    expect(new Set(folders)).to.deep.equal(new Set(['test/cluster', 'test/security']));
    expect(testsOf(runs).filter((file) => file.includes('/faults/'))).to.deep.equal([]);
  });

  it('runs faults if theirs is the directory', () => {
    const files = testsOf(planOf(['test/cluster/faults']).runs);
    expect(files).to.include('test/cluster/faults/zombie.test.ts');
  });

  it('refuses a directory without tests', () => {
    const empty = mkdtempSync(join(tmpdir(), 'parley-no-tests-'));
    try {
      expect(() => planOf([empty])).to.throw(`${empty} has no tests.`);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
