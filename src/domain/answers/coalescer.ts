import { LIMITS } from '../../contract/limits.js';

export interface CoalescerLimits {
  /** Longest delta, in UTF-16 code units; at least 2. */
  deltaChars: number;
  /** Longest answer. */
  answerChars: number;
}

const REPLACEMENT = '\uFFFD';

/**
 * Turns chunks of a model into deltas. Together they are the upstream's text, except that U+0000 (which Postgres
 * cannot store) and lone surrogates (which UTF-8 cannot carry) become U+FFFD. No delta ends with half a surrogate
 * pair.
 */
export class Coalescer {
  readonly #limits: CoalescerLimits;
  #pending = '';
  #chars = 0;

  constructor(limits: CoalescerLimits = LIMITS) {
    this.#limits = limits;
  }

  /** UTF-16 code units taken so far. */
  get chars(): number {
    return this.#chars;
  }

  /** Whether `take` would return something. */
  get hasText(): boolean {
    return this.#pending.length > (endsInHalfPair(this.#pending) ? 1 : 0);
  }

  /** False: the answer has reached its limit, and the text beyond it was cut. */
  push(text: string): boolean {
    const room = this.#limits.answerChars - this.#chars;
    const fits = text.length <= room;
    const taken = fits ? text : wholeCharacters(text, room);
    this.#pending += taken;
    this.#chars += taken.length;
    return fits;
  }

  /** The text that has arrived, in pieces. Half a surrogate pair at the end waits for its other half. */
  take(): string[] {
    const half = endsInHalfPair(this.#pending);
    const ready = half ? this.#pending.slice(0, -1) : this.#pending;
    this.#pending = half ? this.#pending.slice(-1) : '';
    return this.#pieces(ready);
  }

  /** All that is left. Nothing may come after it. */
  end(): string[] {
    const rest = this.#pending;
    this.#pending = '';
    return this.#pieces(rest);
  }

  #pieces(text: string): string[] {
    if (text === '') return [];
    const clean = storable(text);
    if (clean.length <= this.#limits.deltaChars) return [clean];
    const pieces: string[] = [];
    for (let from = 0; from < clean.length; ) {
      const piece = wholeCharacters(
        clean.slice(from, from + this.#limits.deltaChars + 1),
        this.#limits.deltaChars,
      );
      pieces.push(piece);
      from += piece.length;
    }
    return pieces;
  }
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** An index out of range gives NaN, which is neither. */
const endsInHalfPair = (text: string) => isHigh(text.charCodeAt(text.length - 1));

/** At most `max` code units from the start, without splitting a surrogate pair. */
function wholeCharacters(text: string, max: number): string {
  const splits = isHigh(text.charCodeAt(max - 1)) && isLow(text.charCodeAt(max));
  return text.slice(0, splits ? max - 1 : max);
}

function storable(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).replace(/\p{Surrogate}/gu, REPLACEMENT);
}
