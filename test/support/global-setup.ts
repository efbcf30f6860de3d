import fc from 'fast-check';
import { tellWarnings } from '../../lab/nodes/log-lines.js';
import { stopSharedHasher } from '../../lab/nodes/shared-hasher.js';
import { holdTestPostgres, stopTestPostgres, testPostgresCpu } from '../../lab/stores/database.js';
import { appendProfile, profileHooks } from './profile.js';
import { endSoon, killChildren } from './run-end.js';

const { TEST_PROFILE, TEST_POSTGRES, TEST_SEED = '1' } = process.env;
const profile = TEST_PROFILE ? profileHooks(TEST_PROFILE) : null;
const isHeld = TEST_POSTGRES === 'held';
const postgres = { cpuBefore: 0 };

/** The random inputs of a run are those of every run, so that it fails for its change only. */
fc.configureGlobal({ seed: Number(TEST_SEED) });

function killAtExit(): void {
  process.off('exit', killChildren).on('exit', killChildren);
}

function tellFailure(this: Mocha.Context): void {
  if (this.currentTest?.state === 'failed') tellWarnings();
}

/**
 * Hooks that run once per run, or with workers once per file, in the worker. The server itself starts with the first
 * requested database.
 */
export const mochaHooks = {
  beforeAll: profile ? [killAtExit, profile.begin] : killAtExit,
  afterEach: profile ? [tellFailure, profile.look] : tellFailure,
  afterAll: profile ? [stopTestPostgres, profile.end] : stopTestPostgres,
};

/** Runs once, before and after all files, in the started process. For a whole run it keeps the server of all workers. */
export async function mochaGlobalSetup(): Promise<void> {
  if (!isHeld) return;
  await holdTestPostgres();
  postgres.cpuBefore = await testPostgresCpu();
}

export async function mochaGlobalTeardown(): Promise<void> {
  if (TEST_PROFILE && isHeld) {
    const cpu = await testPostgresCpu();
    appendProfile(TEST_PROFILE, { postgres: cpu - postgres.cpuBefore });
  }
  await stopTestPostgres();
  await stopSharedHasher();
  endSoon();
}
