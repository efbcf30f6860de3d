import { execFile, execFileSync } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { program } from '../../../lab/nodes/process.js';

const UID = 54_321;
const AS_NOBODY = [`--reuid=${UID}`, '--regid=0', '--clear-groups'];

/** Only root can become that user, and only if others can read the checkout. */
function canBecome(): boolean {
  try {
    execFileSync('setpriv', [
      ...AS_NOBODY,
      'test',
      '-r',
      'package.json',
      '-a',
      '-x',
      process.execPath,
    ]);
    return true;
  } catch {
    return false;
  }
}

describe('A user without a name and without a home', () => {
  it('creates and runs the embedded Postgres', async function () {
    if (!canBecome()) this.skip();
    const dir = await mkdtemp(join(tmpdir(), 'parley-nameless-'));
    await chown(dir, UID, 0);
    const env = { PATH: process.env.PATH ?? '', DATA_DIR: join(dir, 'data'), NODE_ENV: 'test' };
    const args = [...AS_NOBODY, process.execPath, ...(await program()), 'migrate'];
    const { stdout } = await promisify(execFile)('setpriv', args, { env });
    expect(stdout).to.include('schema migrated');
    await rm(dir, { recursive: true, force: true });
  });
});
