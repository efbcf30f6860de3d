import type { Cursor } from '../../contract/events.js';
import type { Delta } from '../answers/follow.js';

/** Stands in no valid JSON text: control characters in strings are escaped. */
const END_OF_CHUNK = '\u001e';

/** A chunk as it stands in the text of a completion, which can be stored. */
export const endOfChunk = (json: string): string =>
  json.replaceAll(END_OF_CHUNK, '\\u001e').replaceAll('\0', '\\u0000') + END_OF_CHUNK;

/** A chunk and its place in its attempt, from 1. */
export interface Chunk extends Cursor {
  json: string;
}

/** A new attempt has begun, and chunks of another one were given. */
export class Restarted extends Error {
  override readonly name = 'Restarted';
}

/** Cuts the text of a completion into its chunks, whatever the sizes of its deltas. */
export class ChunkReader {
  readonly #after: Cursor;
  #attempt = 0;
  #count = 0;
  #given = 0;
  #rest = '';

  /** Chunks of its attempt up to `after` are left out: the reader has them. */
  constructor(after: Cursor) {
    this.#after = after;
  }

  /** @throws Restarted */
  read({ attempt, fromSeq, text }: Pick<Delta, 'attempt' | 'fromSeq' | 'text'>): Chunk[] {
    if (attempt !== this.#attempt || fromSeq === 0) this.#begin(attempt);
    const parts = (this.#rest + text).split(END_OF_CHUNK);
    this.#rest = parts.pop() ?? '';
    const first = this.#count;
    this.#count += parts.length;
    return parts
      .map((json, i) => ({ attempt, seq: first + i + 1, json }))
      .filter(({ seq }) => this.#isNew(seq));
  }

  /** The text begins again; within an attempt it is the same text. */
  #begin(attempt: number): void {
    if (attempt !== this.#attempt) {
      if (this.#given > 0) throw new Restarted();
      this.#attempt = attempt;
      this.#given = this.#after.attempt === attempt ? this.#after.seq : 0;
    }
    this.#count = 0;
    this.#rest = '';
  }

  #isNew(seq: number): boolean {
    if (seq <= this.#given) return false;
    this.#given = seq;
    return true;
  }
}
