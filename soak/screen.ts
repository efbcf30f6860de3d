import type { AckData, LiveText, MessageCursor, RoomEvents } from '../src/contract/events.js';
import type { Message, MessageStatus } from '../src/contract/rest.js';
import { isFinal, type Shown } from './book.js';

type Delta = RoomEvents['message:delta'];
type End = RoomEvents['message:completed'];
type StatusChange = Pick<Message, 'status' | 'attempt'> & { message_id: number };

interface Line extends Shown {
  seq: number;
  /** The attempt with which it continues, after it had ended; 0: it was never continued. */
  reopened: number;
  /** The deltas of `attempt`, by seq. */
  parts: Map<number, string>;
  /** Highest attempt of a delta on this connection. */
  wire: number;
  /** Deltas that came during a resume. */
  held: Delta[];
  end: End | null;
  /** How this connection announced the end, and of which attempt. */
  announced: { attempt: number; said: string } | null;
}

/**
 * The requests that are due: for this answer from its cursor, after a `hole` or without one, or for the whole
 * conversation.
 */
export type Want = 'nothing' | 'resume' | 'hole' | 'open';

export interface Critic {
  /** The server broke the protocol. */
  complain(answerId: number, what: string): void;
  /** Counts something that is allowed but worth knowing. */
  count(name: string): void;
}

const isLack = (want: Want) => want === 'resume' || want === 'hole';

const newLine = (status: MessageStatus): Line => ({
  status,
  text: '',
  attempt: 0,
  seq: 0,
  reopened: 0,
  parts: new Map(),
  wire: 0,
  held: [],
  end: null,
  announced: null,
});

/**
 * The answers of one conversation by the client rules of protocol.md, written independently of the SDK. It complains
 * about disorder.
 */
export class Screen {
  readonly lines = new Map<number, Line>();
  readonly #critic: Critic;
  /** Answers on other branches, which a page did not show. They are no reason to open again. */
  readonly #strangers = new Set<number>();

  constructor(critic: Critic) {
    this.#critic = critic;
  }

  /** A new connection owes nothing to the one before. */
  connected(): void {
    for (const line of this.lines.values()) {
      Object.assign(line, { wire: 0, held: [], announced: null });
    }
  }

  cursors(): MessageCursor[] {
    const running = [...this.lines].filter(([, { status }]) => !isFinal(status));
    return running.map(([message_id, { attempt, seq }]) => ({ message_id, attempt, seq }));
  }

  /** Forgets answers that the page does not have: they are on another branch, or deleted. */
  opened({ messages, live }: AckData<'conversation:open'>): Want {
    const told = new Set([...messages.map(({ id }) => id), ...live.map((each) => each.message_id)]);
    this.removed([...this.lines.keys()].filter((id) => !told.has(id)));
    for (const message of messages) this.stored(message);
    return live.map((each) => this.live(each)).some(isLack) ? 'open' : 'nothing';
  }

  removed(ids: readonly number[]): void {
    for (const id of ids) this.lines.delete(id);
  }

  /** Takes a message from `message:created`, `message:updated` or a page. */
  stored({ id, role, status, attempt, seq, content }: Message): void {
    if (role !== 'assistant') return;
    const line = this.#line(id);
    if (isFinal(status)) finish(line, { status, attempt, seq, text: content });
    else this.status({ message_id: id, status, attempt });
  }

  /** Takes a text from `conversation:open` or `generation:resume`. */
  live(live: LiveText): Want {
    const line = this.#line(live.message_id);
    adopt(line, live);
    const wants = line.held.splice(0).map((delta) => this.#apply(line, delta));
    if (line.end) wants.push(this.#end(line, line.end));
    return wants.some(isLack) ? 'resume' : 'nothing';
  }

  /** `resuming`: text after an earlier gap has been requested. */
  delta(delta: Delta, resuming: boolean): Want {
    const { message_id: id, attempt, seq } = delta;
    const line = this.lines.get(id);
    if (!line) return this.#unknown(id);
    if (attempt < line.wire) {
      this.#critic.complain(id, `delta ${attempt}-${seq} after attempt ${line.wire}`);
    }
    line.wire = Math.max(line.wire, attempt);
    if (!resuming) return this.#apply(line, delta);
    line.held.push(delta);
    return 'nothing';
  }

  /** A higher attempt continues an answer that had ended. Its text stays until the first delta. */
  status({ message_id: id, status, attempt }: StatusChange): void {
    const line = this.lines.get(id);
    if (!line || attempt < latest(line)) return;
    if (!isFinal(line.status)) line.status = status;
    else if (attempt > line.attempt) reopen(line, status, attempt);
  }

  completed(end: End): Want {
    const { message_id: id, attempt, seq, bytes, status } = end;
    const line = this.lines.get(id);
    if (!line) return this.#unknown(id);
    if (attempt < line.reopened) {
      this.#critic.count('ends of attempts that were continued');
      return 'nothing';
    }
    this.#meetHigher(line, attempt);
    const said = JSON.stringify([attempt, seq, bytes, status]);
    const before = line.announced?.said;
    if (before === said) this.#critic.count('ends that were announced again');
    else if (before) this.#critic.complain(id, `ends ${before} and ${said}`);
    line.announced = { attempt, said };
    return this.#end(line, end);
  }

  #unknown(id: number): Want {
    if (this.#strangers.has(id)) return 'nothing';
    this.#strangers.add(id);
    this.#critic.count('events of answers that were not known yet');
    return 'open';
  }

  /** The ledger knows whether anybody continued the answer. */
  #meetHigher(line: Line, attempt: number): void {
    const ended = isFinal(line.status) ? line.attempt : line.announced?.attempt;
    if (ended === undefined || attempt <= ended) return;
    this.#critic.count('continuations whose status was not seen');
    reopen(line, 'streaming', attempt);
  }

  #line(id: number): Line {
    this.#strangers.delete(id);
    const line = this.lines.get(id) ?? newLine('queued');
    this.lines.set(id, line);
    return line;
  }

  #apply(line: Line, delta: Delta): Want {
    const { attempt, seq, text } = delta;
    this.#meetHigher(line, attempt);
    if (isFinal(line.status) || attempt < line.reopened) return this.#late(line, delta);
    if (attempt < line.attempt) return 'nothing';
    if (attempt > line.attempt) restart(line, attempt);
    if (seq <= line.seq) return this.#repeated(line, delta);
    if (seq > line.seq + 1) return 'hole';
    line.parts.set(seq, text);
    Object.assign(line, { seq, text: line.text + text, status: 'streaming' });
    return 'nothing';
  }

  #end(line: Line, end: End): Want {
    const { message_id: id, attempt, seq, bytes, status } = end;
    if (isFinal(line.status) || attempt < line.attempt) return 'nothing';
    line.end = end;
    // An attempt that ended without text has sent no delta either.
    if (seq > (attempt > line.attempt ? 0 : line.seq)) return 'hole';
    if (attempt > line.attempt || line.held.length > 0) return 'resume';
    const length = Buffer.byteLength(line.text);
    if (length !== bytes)
      this.#critic.complain(id, `${length} bytes where ${bytes} were announced`);
    finish(line, { status, attempt, seq, text: line.text });
    return 'nothing';
  }

  #late(line: Line, { message_id: id, attempt, seq }: Delta): Want {
    const isOld = attempt < line.attempt || (attempt === line.attempt && seq <= line.seq);
    if (isOld) this.#critic.count('deltas that came again');
    else this.#critic.complain(id, `delta ${attempt}-${seq} after ${line.attempt}-${line.seq}`);
    return 'nothing';
  }

  #repeated(line: Line, { message_id: id, attempt, seq, text }: Delta): Want {
    this.#critic.count('deltas that came again');
    const before = line.parts.get(seq);
    if (before !== undefined && before !== text) {
      this.#critic.complain(id, `two different deltas ${attempt}-${seq}`);
    }
    return 'nothing';
  }
}

const latest = ({ attempt, reopened }: Line): number => Math.max(attempt, reopened);

function reopen(line: Line, status: MessageStatus, attempt: number): void {
  Object.assign(line, { status, reopened: attempt, announced: null, end: null });
}

function restart(line: Line, attempt: number): void {
  Object.assign(line, { attempt, seq: 0, text: '', parts: new Map() });
}

function finish(line: Line, last: Shown & { attempt: number; seq: number }): void {
  if (last.attempt >= latest(line)) Object.assign(line, last, { held: [], end: null });
}

function adopt(line: Line, { status, attempt, from_seq, seq, text }: LiveText): void {
  if (attempt < latest(line) || (isFinal(line.status) && attempt === line.attempt)) return;
  if (isFinal(line.status)) reopen(line, status, attempt);
  // The answer has no text of that attempt yet, and the earlier text stays.
  if (attempt === line.reopened && attempt > line.attempt && status === 'queued' && seq === 0) {
    line.status = status;
    return;
  }
  const joins = attempt === line.attempt && from_seq === line.seq;
  if (from_seq !== 0 && !joins) return;
  // The text was read before the deltas that came meanwhile.
  if (attempt === line.attempt && seq < line.seq && !isFinal(status)) return;
  const whole = from_seq === 0 ? text : line.text + text;
  if (attempt > line.attempt) restart(line, attempt);
  Object.assign(line, { status, seq, text: whole });
  if (isFinal(status)) finish(line, { status, attempt, seq, text: whole });
}
