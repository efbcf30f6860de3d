import { createRequire } from 'node:module';
import { LIMITS } from '../contract/limits.js';
import type { CommonPasswords } from '../ports/common-passwords.js';

/** Passwords that are too short anyway are left out. */
function loadList(): ReadonlySet<string> {
  const load = createRequire(import.meta.url);
  const { dictionary }: typeof import('@zxcvbn-ts/language-common') = load(
    '@zxcvbn-ts/language-common',
  );
  const all = dictionary['passwords-common'];
  return new Set(all.filter((one) => one.length >= LIMITS.passwordMinBytes));
}

/** Unpacking the list takes about 40 ms. The first lookup does it, unless `load` was called before. */
export function openCommonPasswords(): CommonPasswords & { load(): void } {
  let loaded: ReadonlySet<string> | undefined;
  const known = () => {
    loaded ??= loadList();
    return loaded;
  };
  return {
    has: (password) => known().has(password.toLowerCase()),
    load: () => void known(),
  };
}
