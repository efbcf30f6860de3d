import { fileURLToPath } from 'node:url';
import { findFirefox as find } from '../nodes/programs.js';

/** Speaks for Firefox where Playwright asks for more than Firefox knows. */
export const FIREFOX_RELAY = fileURLToPath(new URL('firefox-relay.js', import.meta.url));

/** The path of the browser. @throws if there is none; `npm test` installs it where it can */
export async function findFirefox(): Promise<string> {
  const path = await find();
  if (!path) throw new Error('No Firefox: set FIREFOX_PATH, or run the tests through `npm test`.');
  return path;
}
