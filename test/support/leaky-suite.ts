import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createTestDatabase } from '../../lab/stores/database.js';

/** `test/integration/repository/test-run.test.ts` runs this in a separate mocha: it fails, and closes nothing. */
describe('A suite that cleans nothing up', () => {
  it('fails with a server, a program and a database open', async () => {
    await createTestDatabase();
    createServer().listen(0, '127.0.0.1');
    // The program holds the output of the run open, as a node does.
    const { pid } = spawn('sleep', ['600'], { stdio: ['ignore', 'pipe', 'inherit'] });
    throw new Error(`left process ${pid}`);
  });
});
