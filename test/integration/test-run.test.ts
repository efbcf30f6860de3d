import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { isAlive } from '../../src/adapters/postgres/embedded/process.js';

const MOCHA = 'node_modules/mocha/bin/mocha.js';
const LEAKY = 'test/support/leaky-suite.ts';

/** Resolves when nobody holds the output any more, as a pipeline of a CI waits. */
async function mocha(args: string[]) {
  const child = spawn(process.execPath, [MOCHA, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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
      // Workers are ended with their files.
      if (args.length === 0) {
        expect(err)
          .to.contain(`process ${pid}: sleep 600`)
          .and.match(/server on port \d+/);
      }
    });
  }
});
