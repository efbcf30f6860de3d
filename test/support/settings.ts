import { ENV_TABLE } from '../../src/config/config.js';

/** The names of all variables that a node reads. */
export const VARIABLES: readonly string[] = ENV_TABLE.map(({ name }) => name);

export const defaultOf = (wanted: string): string =>
  ENV_TABLE.find(({ name }) => name === wanted)?.default ?? '';

const FORCED_AFTER_S = 10;

/** Time from SIGTERM to the moment when a node that does not end is ended. */
export const longestDrainSeconds = (): number =>
  Number(defaultOf('DRAIN_SECONDS')) + FORCED_AFTER_S;
