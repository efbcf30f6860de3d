import pg from 'pg';

/**
 * A connection for a test's own statements, not yet opened. If it is still open when a failed test drops its
 * database, the error of the connection does not end the process and hide why the test failed.
 */
export const createClient = (settings: string | pg.ClientConfig): pg.Client =>
  new pg.Client(settings).on('error', () => {});
