import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export interface SigningKey {
  /** Names the key in the header of a JWT (RFC 7515, 4.1.4). It reveals nothing of the key. */
  kid: string;
  key: KeyObject;
}

const KID_BYTES = 9;

export const keyId = (secret: string): string =>
  createHmac('sha256', secret)
    .update('parley key id')
    .digest()
    .subarray(0, KID_BYTES)
    .toString('base64url');

/** Secrets of one kind of token. The first one signs, all verify. */
export class KeyRing {
  readonly first: SigningKey;
  #keys: ReadonlyMap<string, KeyObject>;

  constructor(secrets: readonly string[]) {
    const all = secrets.map((secret) => ({
      kid: keyId(secret),
      key: createSecretKey(secret, 'utf8'),
    }));
    const [first] = all;
    if (!first) throw new Error('a key ring needs a secret');
    this.first = first;
    this.#keys = new Map(all.map(({ kid, key }) => [kid, key]));
  }

  /** A token without `kid` comes from a release with a single secret, so it counts as signed with the first. */
  find(kid: unknown): KeyObject | null {
    if (kid === undefined) return this.first.key;
    return typeof kid === 'string' ? (this.#keys.get(kid) ?? null) : null;
  }
}
