import { setImmediate as nextTurn } from 'node:timers/promises';
import { isHidden } from '../../../contract/text.js';
import { identityKey } from '../../../domain/accounts/identity.js';

/** What search takes for equal, in regular expressions of Postgres. */
export interface SearchLetters {
  /** Of a folded text of a few letters: the single characters that fold to it, itself among them. */
  formsOf(folded: string): readonly string[];
  /** Ranges of a bracket expression: what nobody sees between two letters. */
  hidden: string;
}

/** Characters that are looked at in one turn of the event loop: well below a millisecond. */
const IN_ONE_TURN = 512;

/** Longer foldings, as that of a whole phrase in one Arabic character, are found as they are written only. */
export const MOST_FOLDED = 3;

/** Without ideographs and Hangul syllables, which have one form each, surrogates and private characters. */
const SCANNED: [from: number, to: number][] = [
  [0x1, 0x33ff],
  [0xa000, 0xabff],
  [0xf900, 0x1ffff],
  [0xe0000, 0xe0fff],
];

const MAY_FOLD = /[ı\p{Changes_When_NFKC_Casefolded}\p{Changes_When_Casemapped}]/u;

/** Only what is no letter of ASCII can mean something. */
export const escaped = (letter: string): string =>
  /[^\p{ASCII}]|[A-Za-z0-9]/u.test(letter)
    ? letter
    : `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

function* characters(): Iterable<string> {
  for (const [from, to] of SCANNED)
    for (let code = from; code <= to; code += 1) yield String.fromCodePoint(code);
}

/** Looks at all characters once, and lets others have their turn in between. */
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

/** Made at the first search, once: most commands and many nodes have none. */
export function lazySearchLetters(): () => Promise<SearchLetters> {
  let letters: Promise<SearchLetters> | null = null;
  return () => {
    letters ??= createSearchLetters();
    return letters;
  };
}

/** Neighbours as one range. */
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
