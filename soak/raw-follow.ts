import type { AckData, RoomEvent } from '../src/contract/events.js';
import { isFinal, type Shown } from './book.js';
import { type Critic, Screen, type Want } from './screen.js';

type Ask = <T>(name: string, payload: object) => Promise<T>;

/** A gap in a connection's events must be mended by `server:resync`, or by the connection's end, within this time. */
const MEND_WITHIN_MS = 10_000;
const AGAIN_MS = 500;

/**
 * One conversation on a raw device: opens it on every connection, holds events before the ack, and requests missing
 * text.
 */
export class RawFollow {
  readonly id: number;
  readonly screen: Screen;
  readonly ends = new Map<number, Shown>();
  leftAt: number | null = null;
  readonly #ask: Ask;
  readonly #critic: Critic;
  readonly #onText: (answerId: number) => void;
  #phase: 'away' | 'opening' | 'open' = 'away';
  /** Counts opens and connections. Replies to earlier ones are void. */
  #turn = 0;
  #held: RoomEvent[] = [];
  readonly #resuming = new Set<number>();
  readonly #holes = new Map<number, NodeJS.Timeout>();

  constructor(id: number, ask: Ask, critic: Critic, onText: (answerId: number) => void) {
    this.id = id;
    this.#ask = ask;
    this.#critic = critic;
    this.#onText = onText;
    this.screen = new Screen(critic);
  }

  /** A new connection is established. */
  connected(): void {
    this.screen.connected();
    void this.open();
  }

  lost(): void {
    this.#turn += 1;
    this.#phase = 'away';
    this.#mended();
  }

  /** `server:resync` named the conversation. */
  resync(): void {
    this.#mended();
    if (this.#phase !== 'away') void this.open();
  }

  leave(now: number): void {
    this.leftAt = now;
    this.lost();
  }

  receive(event: RoomEvent): void {
    if (this.leftAt !== null) return;
    if (this.#phase === 'open') this.#apply(event);
    else if (this.#phase === 'opening') this.#held.push(event);
  }

  async open(): Promise<void> {
    if (this.leftAt !== null) return;
    this.#turn += 1;
    const turn = this.#turn;
    this.#phase = 'opening';
    this.#held = [];
    this.#resuming.clear();
    try {
      const cursors = this.screen.cursors();
      const payload = { conversation_id: this.id, limit: 100, cursors };
      const data = await this.#ask<AckData<'conversation:open'>>('conversation:open', payload);
      if (turn === this.#turn) this.#opened(data);
    } catch {
      setTimeout(() => turn === this.#turn && void this.open(), AGAIN_MS);
    }
  }

  #opened(data: AckData<'conversation:open'>): void {
    this.#phase = 'open';
    const want = this.screen.opened(data);
    this.#look();
    for (const event of this.#held.splice(0)) this.receive(event);
    if (want === 'open') void this.open();
  }

  #apply(event: RoomEvent): void {
    if (event.name === 'message:created') this.screen.stored(event.payload.message);
    if (event.name === 'message:status') this.screen.status(event.payload);
    if (event.name === 'message:completed') {
      this.#do(event.payload.message_id, this.screen.completed(event.payload));
    }
    if (event.name === 'message:delta') {
      const id = event.payload.message_id;
      this.#do(id, this.screen.delta(event.payload, this.#resuming.has(id)));
      this.#onText(id);
    }
    this.#look();
  }

  #do(answerId: number, want: Want): void {
    if (want === 'hole') this.#hole(answerId);
    if (want === 'open') void this.open();
    else if (want !== 'nothing') void this.#resume(answerId);
  }

  async #resume(answerId: number): Promise<void> {
    if (this.#resuming.has(answerId)) return;
    this.#resuming.add(answerId);
    const turn = this.#turn;
    const { attempt = 0, seq = 0 } = this.screen.lines.get(answerId) ?? {};
    const cursor = { message_id: answerId, attempt, seq };
    try {
      const data = await this.#ask<AckData<'generation:resume'>>('generation:resume', cursor);
      if (turn !== this.#turn) return;
      this.#resuming.delete(answerId);
      const want = this.screen.live({ message_id: answerId, ...data });
      this.#look();
      if (want !== 'nothing') setTimeout(() => turn === this.#turn && this.#resume(answerId), 50);
    } catch {
      if (turn === this.#turn) void this.open();
    }
  }

  #hole(answerId: number): void {
    if (this.#holes.has(answerId)) return;
    const { attempt = 0, seq = 0 } = this.screen.lines.get(answerId) ?? {};
    const what = `a hole after ${attempt}-${seq}, and no resync`;
    const late = () => this.#critic.complain(answerId, what);
    this.#holes.set(answerId, setTimeout(late, MEND_WITHIN_MS));
  }

  #mended(): void {
    for (const timer of this.#holes.values()) clearTimeout(timer);
    this.#holes.clear();
  }

  /** Keeps how an answer looks when it ends. */
  #look(): void {
    for (const [id, { status, text }] of this.screen.lines) {
      if (isFinal(status) && !this.ends.has(id)) this.ends.set(id, { status, text });
    }
  }
}
