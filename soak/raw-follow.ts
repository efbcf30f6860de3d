import type { AckData, RoomEvent } from '../src/contract/events.js';
import type { Conversation } from '../src/contract/rest.js';
import { type Held, noteEnd, type Shown } from './book.js';
import { RawBranch } from './raw-branch.js';
import { type Critic, Screen, type Want } from './screen.js';

type Ask = <T>(name: string, payload: object) => Promise<T>;

/** A gap in a connection's events must be mended by `server:resync`, or by the connection's end, within this time. */
const MEND_WITHIN_MS = 10_000;
const AGAIN_MS = 500;
/** The messages of a branch that became active come by themselves if they are new. */
const BRANCH_MS = 1_000;

/**
 * One conversation on a raw device: opens it on every connection, holds events before the ack, and requests missing
 * text.
 */
export class RawFollow {
  readonly id: number;
  readonly screen: Screen;
  readonly ends = new Map<number, Shown[]>();
  readonly #branch = new RawBranch();
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

  /** The branch that it shows, oldest first. */
  get branch(): readonly Held[] {
    return this.#branch.messages.map(({ content, ...rest }) => {
      const line = this.screen.lines.get(rest.id);
      const { status = 'completed', attempt = 0, text = content } = line ?? {};
      return { ...rest, status, attempt, text };
    });
  }

  /** `conversation:updated`, with the active leaf. */
  updated(conversation: Conversation): void {
    if (this.leftAt !== null) return;
    this.#branch.update(conversation);
    if (!this.#branch.isWhole) setTimeout(() => this.#missing(), BRANCH_MS);
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

  #missing(): void {
    if (this.#phase === 'open' && !this.#branch.isWhole) void this.open();
  }

  #opened(data: AckData<'conversation:open'>): void {
    this.#phase = 'open';
    this.#branch.replace(data.conversation, data.messages);
    const want = this.screen.opened(data);
    this.#look();
    for (const event of this.#held.splice(0)) this.receive(event);
    if (want === 'open') void this.open();
    else if (!this.#branch.isWhole) setTimeout(() => this.#missing(), BRANCH_MS);
  }

  #apply(event: RoomEvent): void {
    if (event.name === 'message:created' || event.name === 'message:updated') {
      this.#branch.put(event.payload.message);
      this.screen.stored(event.payload.message);
    }
    if (event.name === 'message:deleted') {
      this.#branch.remove(event.payload.message_ids);
      this.screen.removed(event.payload.message_ids);
      setTimeout(() => this.#missing(), BRANCH_MS);
    }
    if (event.name === 'message:status') this.screen.status(event.payload);
    if (event.name === 'message:completed') {
      this.#branch.ended(event.payload.message_id, event.payload.finish_reason);
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

  #look(): void {
    for (const [id, line] of this.screen.lines) noteEnd(this.ends, id, line);
  }
}
