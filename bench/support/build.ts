import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

let building: Promise<unknown> | undefined;

/** `dist/`, as operators run it. Built once. */
export async function buildProduct(): Promise<void> {
  building ??= promisify(execFile)(process.execPath, ['scripts/build.js']);
  await building;
}
