import { readdir } from 'node:fs/promises';
import { PATHS } from '../../config/paths.js';

/** Names of the migrations that this release knows, oldest first. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(PATHS.migrations);
  return files.filter((name) => /^\d{14}-.+\.cjs$/.test(name)).sort();
}
