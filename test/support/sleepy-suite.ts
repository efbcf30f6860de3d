import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** `test/integration/repository/test-run.test.ts` runs this in a separate mocha. */
describe('A suite that computes nothing', () => {
  it('waits for a program', async () => {
    await promisify(execFile)('sleep', ['0.1']);
  });
});
