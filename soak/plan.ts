import type { Random } from './random.js';
import { spokenText } from './texts.js';

export interface Piece {
  text: string;
  /** Silence before the piece. */
  afterMs: number;
}

/**
 * `whole`: complete. `length`: the maximum length is reached in the middle. `cut`, `silent` and `error`: broken off in
 * the middle, in three ways. A number: refused with that status.
 */
export type Ending = 'whole' | 'length' | 'cut' | 'silent' | 'error' | 400 | 429 | 500;

/** The model server's behaviour in one call. */
export interface Plan {
  /** The whole text, even if the answer is broken off. */
  spoken: string;
  /** The part that is written. */
  pieces: Piece[];
  ending: Ending;
  /** The wait that a refusal names; null if the server names none. */
  retryAfterMs: number | null;
}

/** The model itself says that it has ended. */
export const isReasoned = (ending: Ending): ending is 'whole' | 'length' =>
  ending === 'whole' || ending === 'length';

type Range = readonly [min: number, max: number];
type Weighted<T> = readonly (readonly [weight: number, value: T])[];

/** Characters per piece, and the silence before each in ms. */
const WAYS: Weighted<{ chars: Range; pause: Range }> = [
  [2, { chars: [200, 30_000], pause: [0, 0] }],
  [3, { chars: [1, 6], pause: [0, 10] }],
  [6, { chars: [2, 30], pause: [5, 50] }],
  [9, { chars: [10, 60], pause: [30, 300] }],
];

const ENDINGS: Weighted<Ending> = [
  [84, 'whole'],
  [4, 'length'],
  [4, 429],
  [3, 500],
  [1, 400],
  [2, 'cut'],
  [1, 'silent'],
  [1, 'error'],
];

/** A text with more pieces is told in larger ones, so that none takes minutes. */
const MOST_PIECES = 120;

/** Cuts between UTF-16 code units, even inside surrogate pairs. */
function cutUp(spoken: string, random: Random): Piece[] {
  const { chars, pause } = random.weighted(WAYS);
  const least = Math.max(chars[0], Math.ceil(spoken.length / MOST_PIECES));
  const pieces: Piece[] = [];
  for (let from = 0; from < spoken.length; ) {
    const size = random.int(least, Math.max(least, chars[1]));
    pieces.push({ text: spoken.slice(from, from + size), afterMs: random.int(...pause) });
    from += size;
  }
  return pieces;
}

/** Some questions are refused however often they are asked. */
const refusesAlways = (random: Random) => random.fork('always').chance(0.015);

/** Depends only on the seed, the question's key, and how often it was asked before. */
export function planOf(seeded: Random, key: string, call: number): Plan {
  const question = seeded.fork(key);
  const random = question.fork(call);
  const spoken = spokenText(random, key, call);
  const all = cutUp(spoken, random);
  const drawn = random.weighted(ENDINGS);
  const ending = refusesAlways(question) ? random.pick([429, 500] as const) : drawn;
  const isWhole = ending === 'whole' || typeof ending === 'number';
  const least = ending === 'length' ? 1 : 0;
  const pieces = isWhole ? all : all.slice(0, random.int(least, Math.max(least, all.length - 1)));
  const retryAfterMs = random.chance(0.7) ? random.int(50, 400) : null;
  return { spoken, pieces, ending, retryAfterMs };
}
