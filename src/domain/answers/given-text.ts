import type { Cursor } from '../../contract/events.js';
import type { FinishedMessage } from '../../model/entities.js';
import type { LogSlice } from '../../ports/live-log.js';

/** The text of `attempt` beyond delta `fromSeq`, up to `seq`. With `fromSeq` 0 the text begins again. */
export interface Delta extends Cursor {
  kind: 'delta';
  fromSeq: number;
  text: string;
}

/** How much of an answer's text its reader was given, so that every delta continues the one before. */
export class GivenText {
  cursor: Cursor;
  /** Length of this attempt's text in UTF-16 code units; null if it began before `cursor`. */
  #length: number | null;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.#length = cursor.seq === 0 ? 0 : null;
  }

  /** Null if the slice has nothing new, or does not continue the text. */
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

  /** Whether the rest can be told from the stored text alone. */
  knows(end: FinishedMessage): boolean {
    const isOther = end.attempt !== this.cursor.attempt;
    return isOther || this.#length !== null || this.cursor.seq === end.seq;
  }

  /** The rest of the stored text, or all of it if the given text is not its beginning. */
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

  /** The whole stored text. */
  whole({ attempt, seq, content }: FinishedMessage): Delta | null {
    return this.#begin({ attempt, seq }, content);
  }

  /** An empty text matters only to a reader who has another one. */
  #begin(cursor: Cursor, text: string): Delta | null {
    const hadText = this.#length !== 0;
    this.cursor = cursor;
    this.#length = text.length;
    return text === '' && !hadText ? null : { kind: 'delta', ...cursor, fromSeq: 0, text };
  }
}
