import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Copy, createCopy } from '../../../scripts/mutants/copy.js';
import { isAlive } from '../../../src/adapters/postgres/embedded/process.js';

const TEST = 'test/unit/domain/grouped.test.ts';
const SOURCE = 'src/domain/grouped.ts';
const LIMIT = { limitMs: 110_000 };

describe('A copy of the checkout for mutants', () => {
  let copy: Copy;
  before(async () => {
    copy = await createCopy(process.cwd(), 'test');
  });
  after(async () => {
    await copy.remove();
    expect(existsSync(join(copy.root, '..'))).to.equal(false);
  });

  it('fails a test while the code is broken, and passes it afterwards', async () => {
    const text = await readFile(SOURCE, 'utf8');
    const broken = text.replace('export function createGrouped', 'export function renamed');
    expect(broken).to.not.equal(text);
    const { end } = await copy.changed(SOURCE, broken, () => copy.run(TEST, LIMIT));
    expect(end).to.equal('failed');
    expect(await readFile(SOURCE, 'utf8')).to.equal(text);
    expect((await copy.run(TEST, LIMIT)).end).to.equal('passed');
  });

  it('ends what a run leaves behind', async function () {
    // Programs tell only on Linux where they were started.
    if (process.platform !== 'linux') this.skip();
    const { end, output } = await copy.run('test/support/stray-suite.ts', LIMIT);
    expect(end).to.equal('failed');
    const pid = Number(/left process (\d+)/.exec(output)?.[1]);
    expect(pid).to.be.greaterThan(0);
    expect(isAlive(pid)).to.equal(false);
  });

  it('ends a run that reaches its limit', async () => {
    const { end } = await copy.run('test/support/sleepy-suite.ts', { limitMs: 50 });
    expect(end).to.equal('timed out');
  });
});
