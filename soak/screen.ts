import type { AckData, LiveText, MessageCursor, RoomEvents } from '../src/contract/events.js';
import type { Message, MessageStatus } from '../src/contract/rest.js';
import { isFinal, type Shown } from './book.js';

type Delta = RoomEvents['message:delta'];
type End = RoomEvents['message:completed'];

interface Line extends Shown {
  attempt: number;
  seq: number;
  /** The deltas of `attempt`, by seq. */
  parts: Map<number, string>;
  /** Highest attempt of a delta on this connection. */
  wire: number;
  /** Deltas that came during a resume. */
  held: Delta[];
  end: End | null;
  /** How this connection announced the end. */
  announced: string | null;
}

/** What must be requested: this answer from its cursor, after a `hole` or without one, or the whole conversation. */
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

  opened({ messages, live }: AckData<'conversation:open'>): Want {
    for (const message of messages) this.stored(message);
    return live.map((each) => this.live(each)).some(isLack) ? 'open' : 'nothing';
  }

  /** From `message:created` or an acknowledgement. */
  stored({ id, role, status, attempt, seq, content }: Message): void {
    if (role !== 'assistant') return;
    const line = this.#line(id);
    if (isFinal(status)) finish(line, { status, attempt, seq, text: content });
  }

  /** From `conversation:open` or `generation:resume`. */
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
    if (!line) return this.#unknown();
    if (attempt < line.wire) {
      this.#critic.complain(id, `delta ${attempt}-${seq} after attempt ${line.wire}`);
    }
    line.wire = Math.max(line.wire, attempt);
    if (!resuming) return this.#apply(line, delta);
    line.held.push(delta);
    return 'nothing';
  }

  status({ message_id: id, status, attempt }: RoomEvents['message:status']): void {
    const line = this.lines.get(id);
    if (line && !isFinal(line.status) && attempt >= line.attempt) line.status = status;
  }

  completed(end: End): Want {
    const { message_id: id, attempt, seq, bytes, status } = end;
    const line = this.lines.get(id);
    if (!line) return this.#unknown();
    const said = JSON.stringify([attempt, seq, bytes, status]);
    if (line.announced === said) this.#critic.count('ends that were announced again');
    else if (line.announced) this.#critic.complain(id, `ends ${line.announced} and ${said}`);
    line.announced = said;
    return this.#end(line, end);
  }

  #unknown(): Want {
    this.#critic.count('events of answers that were not known yet');
    return 'open';
  }

  #line(id: number): Line {
    const line = this.lines.get(id) ?? newLine('queued');
    this.lines.set(id, line);
    return line;
  }

  #apply(line: Line, delta: Delta): Want {
    const { attempt, seq, text } = delta;
    if (isFinal(line.status)) return this.#late(line, delta);
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

function restart(line: Line, attempt: number): void {
  Object.assign(line, { attempt, seq: 0, text: '', parts: new Map() });
}

function finish(line: Line, last: Shown & { attempt: number; seq: number }): void {
  if (last.attempt >= line.attempt) Object.assign(line, last, { held: [], end: null });
}

function adopt(line: Line, { status, attempt, from_seq, seq, text }: LiveText): void {
  if (attempt < line.attempt || isFinal(line.status)) return;
  const joins = attempt === line.attempt && from_seq === line.seq;
  if (from_seq !== 0 && !joins) return;
  // It was read before the deltas that came meanwhile.
  if (attempt === line.attempt && seq < line.seq && !isFinal(status)) return;
  const whole = from_seq === 0 ? text : line.text + text;
  if (attempt > line.attempt) restart(line, attempt);
  Object.assign(line, { status, seq, text: whole });
  if (isFinal(status)) finish(line, { status, attempt, seq, text: whole });
}
