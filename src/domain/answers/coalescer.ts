import { LIMITS } from '../../contract/limits.js';

export interface CoalescerLimits {
  /** Longest delta, in UTF-16 code units; at least 2. */
  deltaChars: number;
  /** Longest answer. */
  answerChars: number;
}

const REPLACEMENT = '\uFFFD';

/**
 * Chunks of a model -> deltas. All deltas together are the upstream's text, but that U+0000 (which Postgres
 * cannot store) and lone surrogates (which UTF-8 cannot carry) become U+FFFD. No delta ends in half a surrogate pair.
 */
export class Coalescer {
  readonly #limits: CoalescerLimits;
  #pending = '';
  #chars = 0;

  constructor(limits: CoalescerLimits = LIMITS) {
    this.#limits = limits;
  }

  /** UTF-16 code units taken in so far. */
  get chars(): number {
    return this.#chars;
  }

  /** Whether `take` would give something. */
  get hasText(): boolean {
    return this.#pending.length > (endsInHalfPair(this.#pending) ? 1 : 0);
  }

  /** False: the answer has reached its limit and what lies beyond was cut. */
  push(text: string): boolean {
    const room = this.#limits.answerChars - this.#chars;
    const fits = text.length <= room;
    const taken = fits ? text : wholeCharacters(text, room);
    this.#pending += taken;
    this.#chars += taken.length;
    return fits;
  }

  /** What has come, in pieces; half a surrogate pair at the end waits for its other half. */
  take(): string[] {
    const half = endsInHalfPair(this.#pending);
    const ready = half ? this.#pending.slice(0, -1) : this.#pending;
    this.#pending = half ? this.#pending.slice(-1) : '';
    return this.#pieces(ready);
  }

  /** All that is left; nothing comes after it. */
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

/** Out of range gives NaN, which is neither. */
const endsInHalfPair = (text: string) => isHigh(text.charCodeAt(text.length - 1));

/** At most `max` code units from the start, not cutting a pair in two. */
function wholeCharacters(text: string, max: number): string {
  const splits = isHigh(text.charCodeAt(max - 1)) && isLow(text.charCodeAt(max));
  return text.slice(0, splits ? max - 1 : max);
}

function storable(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).replace(/\p{Surrogate}/gu, REPLACEMENT);
}
