import { ConfigError } from '../config/config.js';
import { StartProblem } from './context.js';

/** Says why the process cannot go on, and ends it. */
export function fail(error: unknown): void {
  const known = error instanceof ConfigError || error instanceof StartProblem;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
