import type { Cursor } from '../../../contract/events.js';
import { onWire, type Spoken } from '../../../contract/spoken.js';
import type { FollowedAnswer } from '../../../entities/entities.js';
import type { LogSlice } from '../../../ports/live-log.js';

/** The text of `attempt` beyond delta `fromSeq`, up to `seq`. With `fromSeq` 0 the text begins again. */
export interface Delta extends Cursor {
  kind: 'delta';
  fromSeq: number;
  text: string;
  /** Absent if there is none. */
  reasoning?: string;
}

interface Lengths {
  text: number;
  reasoning: number;
}

const lastOf = (text: string, length: number) => text.slice(text.length - length);

/** The part of an answer that its reader was given, so that every delta continues the one before. */
export class GivenText {
  cursor: Cursor;
  /** Lengths of this attempt's text and reasoning in UTF-16 code units; null if they began before `cursor`. */
  #given: Lengths | null;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.#given = cursor.seq === 0 ? { text: 0, reasoning: 0 } : null;
  }

  /** Null if the slice has nothing new, or does not continue the text. */
  take({ attempt, fromSeq, seq, text, reasoning = '' }: LogSlice): Delta | null {
    const isNew = attempt > this.cursor.attempt;
    const joins = isNew
      ? fromSeq === 0
      : attempt === this.cursor.attempt && fromSeq === this.cursor.seq && seq > fromSeq;
    if (!joins) return null;
    if (isNew) return this.#begin({ attempt, seq }, { text, reasoning });
    this.cursor = { attempt, seq };
    if (this.#given !== null) {
      this.#given.text += text.length;
      this.#given.reasoning += reasoning.length;
    }
    if (text === '' && reasoning === '') return null;
    return { kind: 'delta', attempt, fromSeq, seq, ...onWire({ text, reasoning }) };
  }

  /** Whether the rest can be told from the stored text alone. */
  knows(end: FollowedAnswer): boolean {
    const isOther = end.attempt !== this.cursor.attempt;
    return isOther || this.#given !== null || this.cursor.seq === end.seq;
  }

  /** The rest of the stored text, or all of it if the given text is not its beginning. */
  rest(end: FollowedAnswer): Delta | null {
    const { attempt, seq } = this.cursor;
    if (end.attempt !== attempt) return this.whole(end);
    if (this.#given === null) return null;
    const reasoning = end.reasoning ?? '';
    const left = end.content.length - this.#given.text;
    const unreasoned = reasoning.length - this.#given.reasoning;
    const joins = left >= 0 && unreasoned >= 0;
    const isWhole = seq === end.seq && left === 0 && unreasoned === 0;
    const isRest = seq < end.seq && joins && left + unreasoned > 0;
    if (!isWhole && !isRest) return this.whole(end);
    const rest = { text: lastOf(end.content, left), reasoning: lastOf(reasoning, unreasoned) };
    return this.take({ attempt, fromSeq: seq, seq: end.seq, ...rest });
  }

  /** The whole stored text. */
  whole({ attempt, seq, content, reasoning }: FollowedAnswer): Delta | null {
    return this.#begin({ attempt, seq }, { text: content, reasoning: reasoning ?? '' });
  }

  /** An empty text matters only to a reader who has another one. */
  #begin(cursor: Cursor, whole: Spoken): Delta | null {
    const hadNothing = this.#given?.text === 0 && this.#given.reasoning === 0;
    const { text, reasoning } = whole;
    this.cursor = cursor;
    this.#given = { text: text.length, reasoning: reasoning.length };
    if (hadNothing && text === '' && reasoning === '') return null;
    return { kind: 'delta', ...cursor, fromSeq: 0, ...onWire(whole) };
  }
}
