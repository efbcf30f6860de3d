import { BEGINNING, type Cursor, type LiveText, type RoomEvents } from './events.js';
import type { FinalStatus, Message, MessageStatus } from './rest.js';
import { type Piece, piece, reasoningOf, type Spoken, textOf } from './spoken.js';
import { utf8Length } from './utf8-length.js';

type Delta = Pick<RoomEvents['message:delta'], 'attempt' | 'seq' | 'text' | 'reasoning'>;
type End = Pick<RoomEvents['message:completed'], 'attempt' | 'seq' | 'bytes' | 'status'>;
type Live = Pick<LiveText, 'status' | 'attempt' | 'from_seq' | 'seq' | 'text' | 'reasoning'>;

/** The known text of one answer, and what is missing to continue it. */
export interface AnswerText extends Cursor {
  readonly text: string;
  /** The model's reasoning, by the same cursor. */
  readonly reasoning: string;
  readonly status: MessageStatus;
  /**
   * The attempt with which an ended answer continues. Events of earlier attempts are too late. 0: it never continued.
   */
  readonly reopened: number;
  /** Deltas of `attempt` beyond a gap, by seq. */
  readonly held: ReadonlyMap<number, Piece>;
  /** The announced end, while text before it is missing. */
  readonly end: End | null;
  /** The text does not have the announced length: the whole text is requested, once. */
  readonly suspect: boolean;
}

/** `resume`: send `generation:resume` with `cursorOf` and pass the reply to `applyLive`. */
export type Todo = 'nothing' | 'resume';

/** The answer after an event, and what the client must do next. */
export interface Step {
  answer: AnswerText;
  todo: Todo;
}

const HELD_MAX = 1_024;
const NONE: ReadonlyMap<number, Piece> = new Map();

/** Whether an answer with this status has ended. */
export const isFinal = (status: MessageStatus): status is FinalStatus =>
  status !== 'queued' && status !== 'streaming';

/** An answer without any text, before its first attempt. */
export const emptyAnswer = (status: MessageStatus = 'queued'): AnswerText => ({
  attempt: 0,
  seq: 0,
  text: '',
  reasoning: '',
  status,
  reopened: 0,
  held: NONE,
  end: null,
  suspect: false,
});

/** The cursor to resume with. For a suspect text it is the beginning. */
export const cursorOf = ({ attempt, seq, suspect }: AnswerText): Cursor =>
  suspect ? BEGINNING : { attempt, seq };

/** Takes one `message:delta`. Drops known text, holds text after a gap. */
export function applyDelta(answer: AnswerText, delta: Delta): Step {
  if (isOver(answer, delta.attempt)) return nothing(answer);
  const current = delta.attempt > answer.attempt ? restart(answer, delta.attempt) : answer;
  if (delta.seq <= current.seq) return settle(current);
  if (delta.seq > current.seq + 1) return settle({ ...current, held: hold(current.held, delta) });
  return settle({
    ...current,
    status: 'streaming',
    seq: delta.seq,
    text: current.text + delta.text,
    reasoning: current.reasoning + (delta.reasoning ?? ''),
  });
}

/** Takes the part of `conversation:open` or `generation:resume` about this answer. */
export function applyLive(answer: AnswerText, live: Live): Step {
  if (live.attempt < latest(answer)) return settle(answer);
  if (isOver(answer, live.attempt) && !isFinal(live.status)) return nothing(answer);
  if (live.attempt > answer.attempt) {
    // An answer that will continue has no text of that attempt yet, so the shown text stays.
    if (live.status === 'queued' && live.seq === 0) return nothing(applyStatus(answer, live));
    if (live.from_seq !== 0) return { answer, todo: 'resume' };
    return settle(adopt(restart(answer, live.attempt), live, said(live)));
  }
  const whole = joined(answer, live);
  if (whole !== null) return settle(adopt(answer, live, whole), answer.suspect);
  if (isFinal(live.status)) return { answer: { ...answer, suspect: true }, todo: 'resume' };
  return settle(answer);
}

/** Takes `message:completed`. The answer ends when its whole text is here. */
export function applyCompleted(answer: AnswerText, end: End): Step {
  return isOver(answer, end.attempt) ? nothing(answer) : settle({ ...answer, end });
}

/**
 * Takes `message:status`. A new attempt clears nothing before its first delta. It reopens an ended answer, which then
 * continues.
 */
export function applyStatus(
  answer: AnswerText,
  { status, attempt }: { status: MessageStatus; attempt: number },
): AnswerText {
  if (isOver(answer, attempt)) return answer;
  return { ...answer, status, reopened: isFinal(answer.status) ? attempt : answer.reopened };
}

/** Takes a stored message. Content with a final status replaces the text. */
export function applyStored(
  answer: AnswerText,
  stored: Pick<Message, 'status' | 'attempt' | 'seq' | 'content'> &
    Partial<Pick<Message, 'reasoning'>>,
): AnswerText {
  if (!isFinal(stored.status) || stored.attempt < latest(answer)) return answer;
  const { attempt, seq, status, content, reasoning } = stored;
  return { ...emptyAnswer(status), attempt, seq, text: content, reasoning: reasoning ?? '' };
}

const nothing = (answer: AnswerText): Step => ({ answer, todo: 'nothing' });

const latest = ({ attempt, reopened }: AnswerText): number => Math.max(attempt, reopened);

const isOver = (answer: AnswerText, attempt: number): boolean =>
  attempt < latest(answer) || (attempt === answer.attempt && isFinal(answer.status));

function restart(answer: AnswerText, attempt: number): AnswerText {
  const end = answer.end !== null && answer.end.attempt >= attempt ? answer.end : null;
  return { ...emptyAnswer('streaming'), attempt, end };
}

function hold(held: ReadonlyMap<number, Piece>, { seq, text, reasoning }: Delta) {
  return held.size < HELD_MAX ? new Map(held).set(seq, piece(text, reasoning)) : held;
}

const said = ({ text, reasoning = '' }: Live): Spoken => ({ text, reasoning });

/** All up to `live.seq`; null if the two do not meet or this one reaches further. */
function joined(answer: AnswerText, live: Live): Spoken | null {
  const reaches = live.seq >= answer.seq || isFinal(live.status);
  const more = said(live);
  if (live.from_seq === 0 && reaches) return more;
  if (live.from_seq !== answer.seq || live.seq < answer.seq) return null;
  return { text: answer.text + more.text, reasoning: answer.reasoning + more.reasoning };
}

function adopt(answer: AnswerText, live: Live, whole: Spoken): AnswerText {
  const { status, seq } = live;
  if (!isFinal(status)) return { ...answer, ...whole, status, seq };
  return { ...emptyAnswer(status), attempt: live.attempt, seq, ...whole };
}

function settle(answer: AnswerText, repaired = false): Step {
  const filled = answer.held.size === 0 ? answer : absorb(answer);
  if (filled.end !== null) return finish(filled, filled.end, repaired);
  return { answer: filled, todo: filled.held.size === 0 ? 'nothing' : 'resume' };
}

function absorb(answer: AnswerText): AnswerText {
  let { seq, text, reasoning } = answer;
  for (let next = answer.held.get(seq + 1); next !== undefined; next = answer.held.get(seq + 1)) {
    text += textOf(next);
    reasoning += reasoningOf(next);
    seq += 1;
  }
  const held = new Map([...answer.held].filter(([key]) => key > seq));
  const status = seq > answer.seq ? 'streaming' : answer.status;
  return { ...answer, seq, text, reasoning, status, held };
}

/** A text that was read again as a whole is trusted, whatever length was announced. */
function finish(answer: AnswerText, end: End, repaired: boolean): Step {
  const whole = answer.attempt === end.attempt && answer.seq === end.seq;
  if (!whole) return { answer, todo: 'resume' };
  const sound = repaired || utf8Length(answer.text) === end.bytes;
  if (!sound) return { answer: { ...answer, suspect: true }, todo: 'resume' };
  const { attempt, seq, text, reasoning } = answer;
  return nothing({ ...emptyAnswer(end.status), attempt, seq, text, reasoning });
}
