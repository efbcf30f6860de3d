import { stopTestPostgres } from './database.js';

/** Mocha calls it once, after all files; the server itself starts with the first database that is asked for. */
export const mochaGlobalTeardown = (): Promise<void> => stopTestPostgres();
