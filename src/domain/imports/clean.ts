import { LIMITS } from '../../contract/limits.js';
import {
  composed,
  isVisible,
  startOf,
  storable,
  withoutLeadingBlanks,
} from '../../contract/text.js';

/** Composing costs the square of the marks in a row, so a long title is cut before as well as after it. */
const LONG_TITLE = 8 * LIMITS.titleChars;

/** Empty if nothing of it is visible. */
export function cleanTitle(title: string): string {
  const short = startOf(composed(storable(startOf(title, LONG_TITLE))), LIMITS.titleChars).trim();
  return isVisible(short) ? short : '';
}

/** Makes the title of a conversation that begins with this question. */
export function titleFrom(content: string): string {
  const source = withoutLeadingBlanks(startOf(content, LONG_TITLE));
  return cleanTitle([...source].slice(0, LIMITS.derivedTitleCodePoints).join(''));
}

/** A name of at most this many characters; null for none, and for one that is longer. */
export function cleanName(name: string | null, max: number): string | null {
  const clean = name === null ? '' : storable(name);
  return clean.length <= max && isVisible(clean) ? clean : null;
}
