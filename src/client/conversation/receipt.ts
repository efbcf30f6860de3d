import type { Message } from '../../contract/rest.js';

/**
 * Whether a text is the one whose digest the server gave; null where nobody can tell: the answer has not ended, an
 * older server gave no receipt, or there is no Web Crypto (a page that is neither on HTTPS nor on localhost).
 *
 * The store does not call this by itself. It already takes deltas without a gap and compares the length at the end, and
 * Web Crypto answers only later: the end of an answer would have to wait for it, or be taken back.
 * @example
 * if ((await matchesReceipt(message)) === false) throw new Error(`message ${message.id} is damaged`);
 */
export async function matchesReceipt({
  content,
  sha256,
}: Pick<Message, 'content' | 'sha256'>): Promise<boolean | null> {
  const subtle = globalThis.crypto?.subtle;
  if (!sha256 || !subtle) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(content)));
  return hex(digest) === sha256;
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
