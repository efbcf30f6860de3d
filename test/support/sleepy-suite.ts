import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Run by `test/integration/test-run.test.ts` in a separate mocha. */
describe('A suite that computes nothing', () => {
  it('waits for a program', async () => {
    await promisify(execFile)('sleep', ['0.1']);
  });
});
