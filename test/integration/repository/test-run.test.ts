import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase } from '../../../lab/stores/database.js';
import { isAlive } from '../../../src/adapters/postgres/embedded/process.js';
import { readText } from '../../support/markdown.js';
import type { FileProfile, RunProfile } from '../../support/profile.js';

const MOCHA = 'node_modules/mocha/bin/mocha.js';
const LEAKY = 'test/support/leaky-suite.ts';

/** Resolves when nothing holds the output open any more, as a CI pipeline waits. */
async function mocha(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MOCHA, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TEST_POSTGRES: '', ...env },
  });
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, out, err };
}

describe('A test run in which a test fails and leaves a server and a program open', () => {
  for (const args of [[], ['--parallel', '--jobs', '2']]) {
    it(`ends by itself, ends the program and has failed, with ${args.join(' ') || 'one process'}`, async () => {
      const { code, out, err } = await mocha([...args, LEAKY]);
      expect(code).to.equal(1);
      expect(out).to.match(/^\s*1 failing$/m);
      const pid = Number(/left process (\d+)/.exec(out)?.[1]);
      expect(pid).to.be.greaterThan(0);
      await eventually(
        () => isAlive(pid),
        (alive) => !alive,
      );
      // Workers end with their files.
      if (args.length === 0) {
        expect(err)
          .to.contain(`process ${pid}: sleep 600`)
          .and.match(/server on port \d+/);
      }
    });
  }
});

describe('A test run with a profile', () => {
  it('says of each file how long it took, what it computed and which programs it started, and what Postgres computed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parley-profiled-'));
    const TEST_PROFILE = join(directory, 'files');
    const files = ['test/unit/domain/grouped.test.ts', 'test/support/sleepy-suite.ts'];
    const env = { TEST_PROFILE, TEST_POSTGRES: 'held' };
    const { out } = await mocha(['--parallel', '--jobs', '2', ...files], env);
    expect(out)
      .to.match(/passing/)
      .and.not.match(/failing/);
    const lines = (await readText(TEST_PROFILE)).trim().split('\n');
    const parts: (FileProfile | RunProfile)[] = lines.map((line) => JSON.parse(line));
    const profiles = parts.filter((part) => 'file' in part);
    expect(profiles.map(({ file }) => file)).to.have.members(files);
    const sleepy = profiles.find(({ file }) => file === files[1]);
    expect(sleepy?.wall).to.be.greaterThan(0.1);
    expect(sleepy?.cpu).to.be.lessThan(sleepy?.wall ?? 0);
    expect(sleepy?.programs).to.deep.equal({ sleep: 1 });
    expect(sleepy?.slowest.title).to.equal('waits for a program');
    const runs = parts.filter((part) => 'postgres' in part);
    expect(runs.map(({ postgres }) => postgres >= 0)).to.deep.equal([true]);
    await rm(directory, { recursive: true });
  });
});

describe("A test's own connection to a database that is dropped", () => {
  it('ends, and not the test with it', async () => {
    const database = await createTestDatabase();
    const client = createClient(database.url);
    await client.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    await database.drop();
    await ended;
  });
});
