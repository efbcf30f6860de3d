import { escaped } from './search-letters.js';
import { NOT_MORE } from './search-pattern.js';

const isOne = (text: string): boolean => [...text].length === 1;

/** Small, capital, and the sigma at the end of a word. */
function casesOf(letter: string): string {
  const cases = new Set([letter, letter.toUpperCase(), letter === 'σ' ? 'ς' : letter]);
  const forms = [...cases].filter(isOne).map(escaped);
  return forms.length === 1 ? (forms[0] ?? '') : `[${forms.join('')}]`;
}

/** Matches the letter, and the base letter with its marks. */
function letterPattern(letter: string): string {
  const apart = [...letter.normalize('NFD')];
  if (apart.length === 1) return casesOf(letter);
  return `(?:${casesOf(letter)}|${apart.map(casesOf).join('')})`;
}

/**
 * A pattern for one word in any case, composed or not. It means the same in Postgres and in JavaScript, and no locale
 * decides. Its classes are small and nothing stands between its letters, or no index of trigrams could read it.
 */
export function wordPattern(word: string): string {
  const letters = [...word.toLowerCase().normalize('NFC').replaceAll('ς', 'σ')];
  return `${letters.map(letterPattern).join('')}${NOT_MORE}`;
}
