import { setImmediate as nextTurn } from 'node:timers/promises';
import { isHidden } from '../../../contract/text.js';
import { identityKey } from '../../../domain/accounts/identity.js';

/** Spellings that a search treats as equal, for regular expressions of Postgres. */
export interface SearchLetters {
  /**
   * The single characters that fold to a folded text of a few letters, including the text itself if it is one
   * character.
   */
  formsOf(folded: string): readonly string[];
  /** Ranges of a bracket expression: invisible characters that may stand between two letters. */
  hidden: string;
}

/** Characters examined in one turn of the event loop: well below a millisecond. */
const IN_ONE_TURN = 512;

/** A longer folding, such as that of an Arabic character for a whole phrase, is found only as it is written. */
export const MOST_FOLDED = 3;

/** Excludes ideographs and Hangul syllables, which have one form each, surrogates and private characters. */
const SCANNED: [from: number, to: number][] = [
  [0x1, 0x33ff],
  [0xa000, 0xabff],
  [0xf900, 0x1ffff],
  [0xe0000, 0xe0fff],
];

const MAY_FOLD = /[ı\p{Changes_When_NFKC_Casefolded}\p{Changes_When_Casemapped}]/u;

/** Special characters are ASCII, and neither letters nor digits. */
export const escaped = (letter: string): string =>
  /[^\p{ASCII}]|[A-Za-z0-9]/u.test(letter)
    ? letter
    : `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

function* characters(): Iterable<string> {
  for (const [from, to] of SCANNED)
    for (let code = from; code <= to; code += 1) yield String.fromCodePoint(code);
}

/** Examines all characters once, and yields to other work in between. */
async function createSearchLetters(): Promise<SearchLetters> {
  const forms = new Map<string, string[]>();
  const hidden: string[] = [];
  let seen = 0;
  for (const letter of characters()) {
    seen += 1;
    if (seen % IN_ONE_TURN === 0) await nextTurn();
    if (isHidden(letter)) hidden.push(letter);
    else if (MAY_FOLD.test(letter)) addForm(forms, letter);
  }
  return {
    formsOf: (folded) => [
      ...([...folded].length === 1 ? [folded] : []),
      ...(forms.get(folded) ?? []),
    ],
    hidden: ranges(hidden),
  };
}

function addForm(forms: Map<string, string[]>, letter: string): void {
  const folded = identityKey(letter);
  if (folded === letter || [...folded].length > MOST_FOLDED) return;
  forms.set(folded, [...(forms.get(folded) ?? []), letter]);
}

/** Created once, at the first search: most commands and many nodes never search. */
export function lazySearchLetters(): () => Promise<SearchLetters> {
  let letters: Promise<SearchLetters> | null = null;
  return () => {
    letters ??= createSearchLetters();
    return letters;
  };
}

/** Joins neighbouring characters into ranges. */
function ranges(letters: string[]): string {
  const found: [first: number, last: number][] = [];
  for (const code of letters.map((letter) => letter.codePointAt(0) ?? 0)) {
    const last = found.at(-1);
    if (last && last[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  const one = (code: number) => escaped(String.fromCodePoint(code));
  return found.map(([first, last]) => `${one(first)}-${one(last)}`).join('');
}
