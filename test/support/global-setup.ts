import { stopTestPostgres } from '../../lab/stores/database.js';
import { profileHooks } from './profile.js';
import { endSoon, killChildren } from './run-end.js';

const { TEST_PROFILE } = process.env;
const profile = TEST_PROFILE ? profileHooks(TEST_PROFILE) : null;

function killAtExit(): void {
  process.off('exit', killChildren).on('exit', killChildren);
}

/** Once in a run; with workers once per file, in the worker. The server itself starts with the first database that is asked for. */
export const mochaHooks = {
  beforeAll: profile ? [killAtExit, profile.begin] : killAtExit,
  ...(profile && { afterEach: profile.look }),
  afterAll: profile ? [stopTestPostgres, profile.end] : stopTestPostgres,
};

/** Once, after all files, in the process that was started. */
export const mochaGlobalTeardown = endSoon;
