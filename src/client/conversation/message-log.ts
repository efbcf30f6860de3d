import {
  type AnswerText,
  applyCompleted,
  applyDelta,
  applyLive,
  applyStatus,
  applyStored,
  cursorOf,
  emptyAnswer,
  isFinal,
  type Step,
  type Todo,
} from '../../contract/answer-text.js';
import type { AckData, LiveText, MessageCursor, RoomEvents } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import type { Message } from '../../contract/rest.js';
import {
  branch,
  type ChatMessage,
  canContinue,
  isRunning,
  REOPENED,
  shown,
  withoutSiblings,
  withSiblings,
} from './message-view.js';

/** `beside`: on another branch than the shown one. `unknown`: its parent is not known here. */
export type Placed = 'shown' | 'beside' | 'unknown';

/** One branch of a conversation, oldest first, with the live text of its answers. */
export class MessageLog {
  #items: readonly ChatMessage[] = [];
  readonly #answers = new Map<number, AnswerText>();
  /** Null: it has yet to be looked for. A piece of an answer does not change it. */
  #runs: boolean | null = null;

  /** A new array after every change, with new objects for changed messages. */
  get items(): readonly ChatMessage[] {
    return this.#items;
  }

  /** There are older messages on this branch. */
  get hasMore(): boolean {
    const first = this.#items[0];
    return first !== undefined && first.parent_id !== null;
  }

  /** The last message of the branch. */
  get leafId(): number | null {
    return this.#items.at(-1)?.id ?? null;
  }

  /** Whether an answer on the branch has not ended. */
  get running(): boolean {
    this.#runs ??= this.#items.some(isRunning);
    return this.#runs;
  }

  /** Changes whenever a reader would see a change of the newest messages. */
  progress(): string {
    const newest = this.#items.slice(-LIMITS.openCursors);
    return newest.map(({ id, status, attempt, seq }) => [id, status, attempt, seq]).join();
  }

  knows(messageId: number): boolean {
    return this.#answers.has(messageId);
  }

  /** Whether the message is on the branch. */
  has(messageId: number): boolean {
    return this.#items.some((item) => item.id === messageId);
  }

  cursor(messageId: number): MessageCursor {
    return { message_id: messageId, ...cursorOf(this.#answers.get(messageId) ?? emptyAnswer()) };
  }

  /** Cursors of the answers on the branch that run, or may have continued since. */
  cursors(): MessageCursor[] {
    return this.#items
      .filter((item) => isRunning(item) || canContinue(item))
      .slice(-LIMITS.openCursors)
      .map((item) => this.cursor(item.id));
  }

  delta(event: RoomEvents['message:delta']): Todo {
    return this.#step(event.message_id, (answer) => applyDelta(answer, event));
  }

  live(live: Omit<LiveText, 'position'> & { position?: number }): Todo {
    const todo = this.#step(live.message_id, (answer) => applyLive(answer, live));
    this.#change(live.message_id, { position: live.position ?? null });
    return todo;
  }

  status(event: RoomEvents['message:status']): void {
    this.#step(event.message_id, (answer) => ({
      answer: applyStatus(answer, event),
      todo: 'nothing',
    }));
    this.#change(event.message_id, { position: event.position ?? null });
  }

  completed(event: RoomEvents['message:completed']): Todo {
    const { sha256, reasoning_ms = null, model, context = null } = event;
    const { finish_reason, usage, error } = event;
    const before = this.#answers.get(event.message_id);
    if (before !== undefined && event.attempt < before.attempt) return 'nothing';
    const todo = this.#step(event.message_id, (answer) => applyCompleted(answer, event));
    this.#change(event.message_id, {
      sha256,
      reasoning_ms,
      context,
      ...(model !== undefined && { model }),
      finish_reason,
      usage,
      error,
      position: null,
    });
    return todo;
  }

  /**
   * Takes a new message, or a newer copy of one. A new one becomes the leaf; with `follow: false` only if it is below
   * the leaf.
   */
  put(message: Message, follow = true): Placed {
    if (this.has(message.id)) {
      this.#replace(message);
      return 'shown';
    }
    const siblings = this.#meetSibling(message);
    const parent = this.#items.findIndex((item) => item.id === message.parent_id);
    if (parent < 0 && message.parent_id !== null) return 'unknown';
    if (!follow && parent !== this.#items.length - 1) return 'beside';
    const view = withSiblings(this.#view(message), siblings);
    this.#show([...this.#items.slice(0, parent + 1), view]);
    return 'shown';
  }

  /**
   * Takes the reply to `conversation:open`. `leaf`: the leaf of a branch that is not the active one. Returns
   * `complete: false` if the reply was too little to show the branch.
   */
  merge(
    data: Pick<AckData<'conversation:open'>, 'conversation' | 'messages' | 'live'>,
    leaf = data.conversation.active_message_id,
  ): { complete: boolean; resume: number[] } {
    const all = new Map(this.#items.map((item) => [item.id, item]));
    for (const message of data.messages) all.set(message.id, this.#view(message));
    const end = leaf ?? data.messages.at(-1)?.id ?? null;
    this.#show(branch(all, end));
    this.#forget(new Set(data.live.map((live) => live.message_id)));
    const resume = data.live.filter((live) => this.live(live) === 'resume');
    return {
      complete: end === null || all.has(end),
      resume: resume.map((live) => live.message_id),
    };
  }

  /** Takes the page before the first message. A page that ends elsewhere belongs to another branch. */
  prepend(older: readonly Message[]): void {
    if (older.at(-1)?.id !== this.#items[0]?.parent_id) return;
    const known = new Set(this.#items.map((item) => item.id));
    const fresh = older.filter((message) => !known.has(message.id));
    this.#show([...fresh.map((message) => this.#view(message)), ...this.#items]);
  }

  /** True if one of them was shown. */
  remove(messageIds: readonly number[]): boolean {
    const gone = new Set(messageIds);
    const kept = this.#items.filter((item) => !gone.has(item.id));
    const removed = kept.length < this.#items.length;
    this.#show(kept.map((item) => withoutSiblings(item, gone)));
    for (const id of messageIds) this.#answers.delete(id);
    return removed;
  }

  /** All children of its parent, as far as the shown messages tell. */
  #meetSibling({ id, parent_id }: Message): readonly number[] {
    const index = this.#items.findIndex((item) => item.parent_id === parent_id);
    const item = this.#items[index];
    if (item === undefined) return [];
    const met = withSiblings(item, [id]);
    this.#show(replaced(this.#items, index, met));
    return met.sibling_ids;
  }

  #step(messageId: number, apply: (answer: AnswerText) => Step): Todo {
    const before = this.#answers.get(messageId) ?? emptyAnswer();
    const { answer, todo } = apply(before);
    this.#answers.set(messageId, answer);
    const reopened = isFinal(before.status) && !isFinal(answer.status);
    this.#change(messageId, { ...shown(answer), ...(reopened ? REOPENED : {}) });
    return todo;
  }

  #change(messageId: number, change: Partial<ChatMessage>): void {
    const index = this.#items.findLastIndex((item) => item.id === messageId);
    const item = this.#items[index];
    if (item === undefined) return;
    const changed = { ...item, ...change };
    const runs = isRunning(changed) === isRunning(item) ? this.#runs : null;
    this.#show(replaced(this.#items, index, changed), runs);
  }

  #show(items: readonly ChatMessage[], runs: boolean | null = null): void {
    this.#items = items;
    this.#runs = runs;
  }

  /** A copy from before the end, such as a repeated ack, changes nothing, unless the answer continues with it. */
  #replace(message: Message): void {
    const current = this.#items.find((item) => item.id === message.id);
    if (current === undefined) return;
    const old = message.attempt <= current.attempt;
    if (isFinal(current.status) && !isFinal(message.status) && old) return;
    this.#change(message.id, { ...this.#view(message), position: current.position });
  }

  #view(message: Message): ChatMessage {
    if (message.role !== 'assistant') return { ...message, position: null };
    const before = this.#answers.get(message.id) ?? emptyAnswer(message.status);
    const goesOn = isFinal(before.status) && !isFinal(message.status);
    const answer = goesOn ? applyStatus(before, message) : applyStored(before, message);
    this.#answers.set(message.id, answer);
    return { ...message, ...shown(answer), position: null };
  }

  #forget(running: ReadonlySet<number>): void {
    const kept = new Set(this.#items.map((item) => item.id));
    for (const id of this.#answers.keys()) {
      if (!kept.has(id) && !running.has(id)) this.#answers.delete(id);
    }
  }
}

/** Does what `with` of arrays does, which not every React Native has. A copy is also many times faster. */
function replaced<T>(items: readonly T[], index: number, item: T): readonly T[] {
  const copy = items.slice();
  copy[index] = item;
  return copy;
}
