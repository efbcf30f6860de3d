import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * This file runs at several depths, in the sources and in the bundle. The nearest package.json above it is the
 * product's.
 */
function projectAbove(path: string): string {
  const directory = dirname(path);
  if (existsSync(join(directory, 'package.json'))) return directory;
  if (directory === path) throw new Error('No package.json lies above the program.');
  return projectAbove(directory);
}

const PROJECT = projectAbove(fileURLToPath(import.meta.url));

/** Files that the product reads at run time beside its program. */
export const PATHS = {
  package: join(PROJECT, 'package.json'),
  migrations: join(PROJECT, 'migrations'),
  page: join(PROJECT, 'public'),
} as const;
