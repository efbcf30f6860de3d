import type { Cursor } from '../../contract/events.js';
import type { FinishedMessage } from '../../model/entities.js';
import type { LogSlice } from '../../ports/live-log.js';

/** The text of `attempt` beyond delta `fromSeq`, up to `seq`. With `fromSeq` 0 the text begins anew. */
export interface Delta extends Cursor {
  kind: 'delta';
  fromSeq: number;
  text: string;
}

/** How much of an answer's text its reader was given, so that every piece joins the one before. */
export class GivenText {
  cursor: Cursor;
  /** Of the text of this attempt, in UTF-16 units; null: it began elsewhere, before `cursor`. */
  #length: number | null;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.#length = cursor.seq === 0 ? 0 : null;
  }

  /** Null: nothing new, or nothing that joins. */
  take({ attempt, fromSeq, seq, text }: LogSlice): Delta | null {
    const isNew = attempt > this.cursor.attempt;
    const joins = isNew
      ? fromSeq === 0
      : attempt === this.cursor.attempt && fromSeq === this.cursor.seq && seq > fromSeq;
    if (!joins) return null;
    if (isNew) return this.#begin({ attempt, seq }, text);
    this.cursor = { attempt, seq };
    if (this.#length !== null) this.#length += text.length;
    return text === '' ? null : { kind: 'delta', attempt, fromSeq, seq, text };
  }

  /** Whether the stored text alone tells what is left of it. */
  knows(end: FinishedMessage): boolean {
    const isOther = end.attempt !== this.cursor.attempt;
    return isOther || this.#length !== null || this.cursor.seq === end.seq;
  }

  /** What is left of the stored text; all of it, where it is not the text that was given. */
  rest(end: FinishedMessage): Delta | null {
    const { attempt, seq } = this.cursor;
    if (end.attempt !== attempt) return this.whole(end);
    if (this.#length === null) return null;
    const left = end.content.length - this.#length;
    const isWhole = seq === end.seq && left === 0;
    const isRest = seq < end.seq && left > 0;
    if (!isWhole && !isRest) return this.whole(end);
    return this.take({ attempt, fromSeq: seq, seq: end.seq, text: end.content.slice(-left) });
  }

  /** The stored text from its beginning. */
  whole({ attempt, seq, content }: FinishedMessage): Delta | null {
    return this.#begin({ attempt, seq }, content);
  }

  /** An empty text is news only to who has another. */
  #begin(cursor: Cursor, text: string): Delta | null {
    const hadText = this.#length !== 0;
    this.cursor = cursor;
    this.#length = text.length;
    return text === '' && !hadText ? null : { kind: 'delta', ...cursor, fromSeq: 0, text };
  }
}
