import { stopTestPostgres } from '../../lab/stores/database.js';
import { endSoon, killChildren } from './run-end.js';

/** Once in a run; with workers once per file, in the worker. The server itself starts with the first database that is asked for. */
export const mochaHooks = {
  beforeAll(): void {
    process.off('exit', killChildren).on('exit', killChildren);
  },
  afterAll: stopTestPostgres,
};

/** Once, after all files, in the process that was started. */
export const mochaGlobalTeardown = endSoon;
