import { identityKey } from '../../../domain/accounts/identity.js';
import { escaped, MOST_FOLDED, type SearchLetters } from './search-letters.js';

/** A blank in the query matches any number of blanks of any kind. */
const BLANKS = String.raw`\t-\r\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

/** The last letter must be complete, also in decomposed text: no accent, voicing mark or final consonant may follow. */
export const NOT_MORE = String.raw`(?![\u0300-\u036f\u3099\u309a\uff9e\uff9f\u11a8-\u11ff])`;

const any = (letters: readonly string[]): string => `[${letters.map(escaped).join('')}]`;

const either = (ways: readonly string[]): string =>
  ways.length === 1 ? (ways[0] ?? '') : `(?:${ways.join('|')})`;

/** Writes patterns for all texts that are equal to a searched text. */
class Writer {
  #letters: SearchLetters;
  /** Matches characters that may stand between two letters. */
  #unseen: string;

  constructor(letters: SearchLetters) {
    this.#letters = letters;
    this.#unseen = `[${letters.hidden}]*`;
  }

  exactly(text: string): string {
    return [...text].map(escaped).join('');
  }

  folded(text: string): string {
    return this.#parts([...text]).join(this.#unseen);
  }

  #parts(letters: readonly string[]): string[] {
    const parts: string[] = [];
    for (let at = 0; at < letters.length; ) {
      const length = this.#longest(letters, at);
      parts.push(either(this.#ways(letters.slice(at, at + length))));
      at += length;
    }
    return parts;
  }

  /** The number of letters, from `at` on, that a single character may stand for, such as ss or fi. */
  #longest(letters: readonly string[], at: number): number {
    const isOne = (n: number) =>
      this.#letters.formsOf(letters.slice(at, at + n).join('')).length > 0;
    for (let n = Math.min(MOST_FOLDED, letters.length - at); n > 1; n -= 1) if (isOne(n)) return n;
    return 1;
  }

  /** All ways to write some letters: as one character, or as the first of them followed by the others. */
  #ways(letters: readonly string[]): string[] {
    const [first = '', ...others] = letters;
    if (others.length === 0) return [this.#one(first)];
    const ways: string[] = [];
    for (let n = 1; n <= letters.length; n += 1) {
      const start = letters.slice(0, n);
      const forms = this.#letters.formsOf(start.join(''));
      if (forms.length === 0) continue;
      const begun = n === 1 ? this.#one(first) : any(forms);
      const rest = letters.slice(n);
      ways.push(rest.length === 0 ? begun : `${begun}${this.#unseen}${either(this.#ways(rest))}`);
    }
    return ways;
  }

  #one(letter: string): string {
    if (letter === ' ') return `[${BLANKS}][${BLANKS}${this.#letters.hidden}]*`;
    const composed = any(this.#letters.formsOf(letter));
    // A combining dot may follow, as in the folding of the Turkish `İ`.
    if (letter === 'i') return `${composed}\\u0307?`;
    const apart = [...letter.normalize('NFD')];
    if (apart.length === 1) return composed;
    return either([composed, apart.map((part) => this.#one(part)).join('')]);
  }
}

/**
 * Makes a regular expression of Postgres that matches text containing `q`, with the equality of identities. The
 * expression itself lists equal letters, so that no locale decides. It needs no backtracking: a match takes time in
 * proportion to the text, where ILIKE takes the product of both lengths.
 */
export function searchPattern(letters: SearchLetters, q: string): string {
  const writer = new Writer(letters);
  const folded = identityKey(q.replace(/\s+/gu, ' '));
  const exactly = writer.exactly(q);
  if (folded.length > q.length * MOST_FOLDED) return `${exactly}${NOT_MORE}`;
  return `(?:${writer.folded(folded)}|${exactly})${NOT_MORE}`;
}
