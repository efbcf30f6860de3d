import { findChromium as find } from '../nodes/programs.js';

/** The path of the browser. @throws if there is none; `npm test` installs it where it can */
export async function findChromium(): Promise<string> {
  const path = await find();
  if (!path)
    throw new Error('No Chromium: set CHROMIUM_PATH, or run the tests through `npm test`.');
  return path;
}
