import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STAMP = '.built';

/** Directories count too: their time shows when a file was removed. */
async function newest(path) {
  const info = await stat(path).catch(() => null);
  if (!info) return Number.POSITIVE_INFINITY;
  if (!info.isDirectory()) return info.mtimeMs;
  const times = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))));
  return Math.max(info.mtimeMs, ...times);
}

async function isStale(output, sources) {
  const built = await stat(join(output, STAMP)).catch(() => null);
  const times = await Promise.all(sources.map(newest));
  return !built || Math.max(...times) > built.mtimeMs;
}

/** Replaces the old output by the new one. If another build does so at the same time, the later one stays. */
async function swap(fresh, output, tries = 5) {
  const old = `${fresh}.old`;
  await rename(output, old).catch(() => {});
  try {
    await rename(fresh, output);
  } catch (error) {
    if (tries === 0) throw error;
    await swap(fresh, output, tries - 1);
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

/** Runs `build(directory)` if any of `sources` is newer than `output`. Resolves to whether it did. */
export async function buildIfStale(output, sources, build) {
  if (!(await isStale(output, sources))) return false;
  const fresh = `${output}.${process.pid}`;
  const startedAt = new Date();
  try {
    await mkdir(fresh, { recursive: true });
    await build(fresh);
    await writeFile(join(fresh, STAMP), '');
    // Files that are edited during the build count as newer.
    await utimes(join(fresh, STAMP), startedAt, startedAt);
    await swap(fresh, output);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return true;
}
