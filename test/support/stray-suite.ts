import { spawn } from 'node:child_process';

/** `test/integration/repository/mutants.test.ts` runs this in a separate mocha. */
describe('A suite that leaves a program behind', () => {
  it('fails, and knows nothing more of the program', () => {
    const program = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
    program.unref();
    throw new Error(`left process ${program.pid}`);
  });
});
