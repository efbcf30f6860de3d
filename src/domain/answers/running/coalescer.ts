import { LIMITS } from '../../../contract/limits.js';
import { type Piece, piece } from '../../../contract/spoken.js';
import { storable } from '../../../contract/text.js';

export interface CoalescerLimits {
  /** Longest text of one delta, and longest reasoning, in UTF-16 code units; at least 2. */
  deltaChars: number;
  /** Longest answer, including its reasoning. */
  answerChars: number;
}

/**
 * Turns chunks of a model into deltas. Together they are the upstream's text, except that U+0000 (which Postgres
 * cannot store) and lone surrogates (which UTF-8 cannot carry) become U+FFFD. No delta ends with half a surrogate
 * pair. Reasoning is gathered beside the text: a delta has one of them, or both.
 */
export class Coalescer {
  readonly #limits: CoalescerLimits;
  readonly #text = new Pending();
  /** Null until there is reasoning. */
  #reasoning: Pending | null = null;
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
    return this.#text.isReady || (this.#reasoning?.isReady ?? false);
  }

  /** False: the answer has reached its limit, and the text beyond it was cut. */
  push(text: string): boolean {
    return this.#push(this.#text, text);
  }

  /** The same for reasoning. */
  pushReasoning(text: string): boolean {
    this.#reasoning ??= new Pending();
    return this.#push(this.#reasoning, text);
  }

  /** The text that has arrived, in pieces. Half a surrogate pair at the end waits for its other half. */
  take(): Piece[] {
    const texts = this.#pieces(this.#text.take());
    return this.#reasoning ? both(texts, this.#pieces(this.#reasoning.take())) : texts;
  }

  /** All that is left. Nothing may come after it. */
  end(): Piece[] {
    const texts = this.#pieces(this.#text.end());
    return this.#reasoning ? both(texts, this.#pieces(this.#reasoning.end())) : texts;
  }

  #push(pending: Pending, text: string): boolean {
    const room = this.#limits.answerChars - this.#chars;
    const fits = text.length <= room;
    const taken = fits ? text : wholeCharacters(text, room);
    pending.add(taken);
    this.#chars += taken.length;
    return fits;
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

/** Text, or reasoning, that has arrived and was not taken yet. */
class Pending {
  #text = '';

  get isReady(): boolean {
    return this.#text.length > (endsInHalfPair(this.#text) ? 1 : 0);
  }

  add(text: string): void {
    this.#text += text;
  }

  take(): string {
    const half = endsInHalfPair(this.#text);
    const ready = half ? this.#text.slice(0, -1) : this.#text;
    this.#text = half ? this.#text.slice(-1) : '';
    return ready;
  }

  end(): string {
    const rest = this.#text;
    this.#text = '';
    return rest;
  }
}

/** Paired from the first piece on, so that the first delta of a continued answer begins with its text. */
function both(texts: readonly string[], reasonings: readonly string[]): Piece[] {
  const length = Math.max(texts.length, reasonings.length);
  return Array.from({ length }, (_, i) => piece(texts[i] ?? '', reasonings[i]));
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** An index out of range gives NaN, which is neither. */
const endsInHalfPair = (text: string) => isHigh(text.charCodeAt(text.length - 1));

/** Returns at most `max` code units from the start, without splitting a surrogate pair. */
function wholeCharacters(text: string, max: number): string {
  const splits = isHigh(text.charCodeAt(max - 1)) && isLow(text.charCodeAt(max));
  return text.slice(0, splits ? max - 1 : max);
}
