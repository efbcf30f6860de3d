import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name of the build of the page below `publicDir`. Null if there is none, or one that is being developed. */
export function pageBuild(publicDir: string): string | null {
  try {
    return readFileSync(join(publicDir, 'assets/build.txt'), 'utf8') || null;
  } catch {
    return null;
  }
}
