/** A longer search is cancelled, so that connections stay free for others. */
export const SEARCH_WITHIN = `SET LOCAL statement_timeout = 1000`;
