import { stopSharedHasher } from '../../lab/nodes/shared-hasher.js';
import { holdTestPostgres, stopTestPostgres } from '../../lab/stores/database.js';
import { profileHooks } from './profile.js';
import { endSoon, killChildren } from './run-end.js';

const { TEST_PROFILE, TEST_POSTGRES } = process.env;
const profile = TEST_PROFILE ? profileHooks(TEST_PROFILE) : null;

function killAtExit(): void {
  process.off('exit', killChildren).on('exit', killChildren);
}

/**
 * Once per run, or with workers once per file, in the worker. The server itself starts with the first requested
 * database.
 */
export const mochaHooks = {
  beforeAll: profile ? [killAtExit, profile.begin] : killAtExit,
  ...(profile && { afterEach: profile.look }),
  afterAll: profile ? [stopTestPostgres, profile.end] : stopTestPostgres,
};

/** Runs once, before and after all files, in the started process. For a whole run it keeps the server of all workers. */
export async function mochaGlobalSetup(): Promise<void> {
  if (TEST_POSTGRES === 'held') await holdTestPostgres();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestPostgres();
  await stopSharedHasher();
  endSoon();
}
