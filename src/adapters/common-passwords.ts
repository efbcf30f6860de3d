import { LIMITS } from '../contract/limits.js';
import type { CommonPasswords } from '../ports/common-passwords.js';

/** Unpacks the list, which takes some 40 ms: call it once, at the start. Those that are too short anyway are left out. */
export async function loadCommonPasswords(): Promise<CommonPasswords> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const all = dictionary['passwords-common'];
  const known = new Set(all.filter((one) => one.length >= LIMITS.passwordMinBytes));
  return { has: (password) => known.has(password.toLowerCase()) };
}
