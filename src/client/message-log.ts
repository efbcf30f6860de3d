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
} from '../contract/answer-text.js';
import type { AckData, LiveText, MessageCursor, RoomEvents } from '../contract/events.js';
import { LIMITS } from '../contract/limits.js';
import type { Message } from '../contract/rest.js';

/** A message as a reader sees it: `content`, `status`, `attempt` and `seq` follow the live text. */
export interface ChatMessage extends Message {
  /** Place in the queue, from 1; null when it does not wait or the place is unknown. */
  position: number | null;
}

/** The active branch of one conversation, oldest first, with the live text of its answers. */
export class MessageLog {
  #items: readonly ChatMessage[] = [];
  readonly #answers = new Map<number, AnswerText>();

  /** A new array, and new objects for what changed, after every change. */
  get items(): readonly ChatMessage[] {
    return this.#items;
  }

  /** There are older messages on this branch. */
  get hasMore(): boolean {
    const first = this.#items[0];
    return first !== undefined && first.parent_id !== null;
  }

  /** An answer on the branch has not ended. */
  get running(): boolean {
    return this.#items.some(isRunning);
  }

  /** Changes whenever a reader would see a change of the newest messages. */
  progress(): string {
    const newest = this.#items.slice(-LIMITS.openCursors);
    return newest.map(({ id, status, attempt, seq }) => [id, status, attempt, seq]).join();
  }

  knows(messageId: number): boolean {
    return this.#answers.has(messageId);
  }

  cursor(messageId: number): MessageCursor {
    return { message_id: messageId, ...cursorOf(this.#answers.get(messageId) ?? emptyAnswer()) };
  }

  /** Those of all running answers on the branch. */
  cursors(): MessageCursor[] {
    return this.#items
      .filter(isRunning)
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
    const { finish_reason, usage, error } = event;
    const before = this.#answers.get(event.message_id);
    if (before !== undefined && event.attempt < before.attempt) return 'nothing';
    const todo = this.#step(event.message_id, (answer) => applyCompleted(answer, event));
    this.#change(event.message_id, { finish_reason, usage, error, position: null });
    return todo;
  }

  /** Takes a message that was just created, or a newer copy of one. False: its parent is unknown here. */
  put(message: Message): boolean {
    if (this.#items.some((item) => item.id === message.id)) {
      this.#replace(message);
      return true;
    }
    const parent = this.#items.findIndex((item) => item.id === message.parent_id);
    if (parent < 0 && message.parent_id !== null) return false;
    this.#items = [...this.#items.slice(0, parent + 1), this.#view(message)];
    return true;
  }

  /** Takes the reply to `conversation:open`. `complete: false` if that was too little to show the active branch. */
  merge(data: AckData<'conversation:open'>): { complete: boolean; resume: number[] } {
    const all = new Map(this.#items.map((item) => [item.id, item]));
    for (const message of data.messages) all.set(message.id, this.#view(message));
    const leaf = data.conversation.active_message_id ?? data.messages.at(-1)?.id ?? null;
    this.#items = branch(all, leaf);
    this.#forget(new Set(data.live.map((live) => live.message_id)));
    const resume = data.live.filter((live) => this.live(live) === 'resume');
    return {
      complete: leaf === null || all.has(leaf),
      resume: resume.map((live) => live.message_id),
    };
  }

  prepend(older: readonly Message[]): void {
    const known = new Set(this.#items.map((item) => item.id));
    const fresh = older.filter((message) => !known.has(message.id));
    this.#items = [...fresh.map((message) => this.#view(message)), ...this.#items];
  }

  remove(messageIds: readonly number[]): void {
    this.#items = this.#items.filter((item) => !messageIds.includes(item.id));
    for (const id of messageIds) this.#answers.delete(id);
  }

  #step(messageId: number, apply: (answer: AnswerText) => Step): Todo {
    const { answer, todo } = apply(this.#answers.get(messageId) ?? emptyAnswer());
    this.#answers.set(messageId, answer);
    this.#change(messageId, shown(answer));
    return todo;
  }

  #change(messageId: number, change: Partial<ChatMessage>): void {
    const index = this.#items.findLastIndex((item) => item.id === messageId);
    const item = this.#items[index];
    if (item !== undefined) this.#items = this.#items.with(index, { ...item, ...change });
  }

  /** A copy from before the end, such as a repeated ack, changes nothing. */
  #replace(message: Message): void {
    const current = this.#items.find((item) => item.id === message.id);
    if (current === undefined || (isFinal(current.status) && !isFinal(message.status))) return;
    this.#change(message.id, { ...this.#view(message), position: current.position });
  }

  #view(message: Message): ChatMessage {
    if (message.role !== 'assistant') return { ...message, position: null };
    const before = this.#answers.get(message.id) ?? emptyAnswer(message.status);
    const answer = applyStored(before, message);
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

const isRunning = (item: ChatMessage): boolean =>
  item.role === 'assistant' && !isFinal(item.status);

const shown = ({ text, status, attempt, seq }: AnswerText) => ({
  content: text,
  status,
  attempt,
  seq,
});

/** From the leaf towards the root, as far as messages are known. */
function branch(all: ReadonlyMap<number, ChatMessage>, leaf: number | null): ChatMessage[] {
  const path: ChatMessage[] = [];
  for (let id = leaf; id !== null; ) {
    const message = all.get(id);
    if (message === undefined) break;
    path.push(message);
    id = message.parent_id;
  }
  return path.reverse();
}
