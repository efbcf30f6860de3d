import { createHash, randomBytes } from 'node:crypto';

/** No access token begins like this. */
const PREFIX = 'pk_';
const SECRET_BYTES = 32;
const PATTERN = /^pk_[A-Za-z0-9_-]{43}$/;
/** Characters that are kept, and shown to tell keys apart. */
const SHOWN = 10;

export const isKeyLike = (token: string): boolean => token.startsWith(PREFIX);

/** Null: no key has this form. */
export const hashOfKey = (key: string): string | null =>
  PATTERN.test(key) ? createHash('sha256').update(key).digest('hex') : null;

export function makeKey(): { key: string; prefix: string; hash: string } {
  const key = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const hash = hashOfKey(key);
  if (hash === null) throw new Error('a new key has another form');
  return { key, prefix: key.slice(0, SHOWN), hash };
}
