import type { Todo } from '../contract/answer-text.js';
import type { AckData, ClientPayload, Cursor, LiveText, RoomEvent } from '../contract/events.js';
import { LIMITS } from '../contract/limits.js';
import type { Conversation, Message } from '../contract/rest.js';
import type { ConversationPorts, ConversationState } from './conversation-state.js';
import { MessageLog } from './message-log.js';
import { newer } from './newer.js';
import { type ParleyError, toParleyError } from './parley-error.js';
import { Retry } from './retry.js';
import { Silence } from './silence.js';
import { Subject, type Unsubscribe } from './subject.js';

const HELD_EVENTS_MAX = 4_096;

/**
 * One open conversation. It follows the server's events by the client rules, and repairs itself if some are missing.
 */
export class ConversationStore {
  readonly id: number;
  readonly #ports: ConversationPorts;
  readonly #changes = new Subject<ConversationState>();
  readonly #log = new MessageLog();
  readonly #resuming = new Set<number>();
  /** Messages that stayed unknown after an open. They are no reason to open again. */
  readonly #strangers = new Set<number>();
  readonly #retry = new Retry();
  readonly #repair = new Retry();
  /** An event may be lost without a sign, so only asking shows it. */
  readonly #silence: Silence;
  #state: ConversationState;
  #held: RoomEvent[] = [];
  #online = false;
  /** An open is in progress. Events that arrive before its reply are held. */
  #opening = false;
  /** Counts connections and opens. Replies to earlier ones are ignored. */
  #epoch = 0;
  #loadingOlder: Promise<void> | null = null;

  constructor(id: number, ports: ConversationPorts) {
    this.id = id;
    this.#ports = ports;
    this.#silence = new Silence(() => this.refresh(), ports.silence);
    this.#state = {
      id,
      phase: 'opening',
      conversation: null,
      members: [],
      presence: [],
      messages: [],
      hasMore: false,
      error: null,
    };
  }

  get state(): ConversationState {
    return this.#state;
  }

  subscribe(listener: (state: ConversationState) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** Reads missing text, after a connect or a possible loss of events. */
  open(): void {
    if (this.#state.phase === 'gone') return;
    this.#online = true;
    this.#retry.reset();
    void this.#open(false);
  }

  /** Reads again everything that may have changed without an event. The state stays as it is until then. */
  refresh(): void {
    if (this.#state.phase === 'open' && !this.#opening) void this.#open(false, true);
  }

  lost(): void {
    this.#online = false;
    this.#opening = false;
    this.#epoch += 1;
    this.#resuming.clear();
    this.#retry.reset();
    this.#repair.reset();
    this.#set({ phase: this.#state.phase === 'gone' ? 'gone' : 'opening' });
  }

  /** Shows messages from an ack before the first open. */
  seed(conversation: Conversation, messages: readonly Message[]): void {
    this.updated(conversation);
    for (const message of messages) this.#log.put(message);
    this.#publish();
  }

  receive(event: RoomEvent): void {
    if (event.name !== 'presence:changed' && event.name !== 'typing:changed') this.#silence.heard();
    if (this.#state.phase === 'open' && !this.#opening) this.#apply(event);
    else if (this.#online && this.#held.length < HELD_EVENTS_MAX) this.#held.push(event);
  }

  updated(conversation: Conversation): void {
    this.#set({ conversation: newer(this.#state.conversation, conversation) });
  }

  gone(): void {
    this.lost();
    this.#set({ phase: 'gone' });
  }

  /** Adds the page before the oldest message. Simultaneous calls share one request. */
  loadOlder(): Promise<void> {
    this.#loadingOlder ??= this.#loadOlder().finally(() => {
      this.#loadingOlder = null;
    });
    return this.#loadingOlder;
  }

  async #loadOlder(): Promise<void> {
    const first = this.#state.messages[0];
    if (first === undefined || !this.#log.hasMore) return;
    this.#log.prepend(await this.#ports.older(this.id, first.id));
    this.#publish();
  }

  async #open(whole: boolean, quiet = false): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#held = [];
    this.#opening = true;
    if (!quiet) this.#set({ phase: 'opening' });
    try {
      const data = await this.#ports.call('conversation:open', this.#request(whole));
      if (epoch === this.#epoch) this.#opened(data, whole, quiet);
    } catch (error) {
      if (epoch === this.#epoch) this.#refused(toParleyError(error), quiet);
    }
  }

  #request(whole: boolean): ClientPayload<'conversation:open'> {
    const last = this.#log.items.at(-1);
    const after = whole || last === undefined ? {} : { after_message_id: last.id };
    const cursors = this.#log.cursors();
    return {
      conversation_id: this.id,
      limit: LIMITS.messagePageDefault,
      ...after,
      ...(cursors.length === 0 ? {} : { cursors }),
    };
  }

  #opened(data: AckData<'conversation:open'>, whole: boolean, quiet: boolean): void {
    const before = this.#log.progress();
    const { complete, resume } = this.#log.merge(data);
    if (before !== this.#log.progress()) this.#silence.heard();
    if (!complete && !whole) {
      void this.#open(true, quiet);
      return;
    }
    this.#opening = false;
    const { members, presence } = data;
    const conversation = newer(this.#state.conversation, data.conversation);
    this.#resuming.clear();
    this.#retry.reset();
    this.#set({ phase: 'open', conversation, members, presence, error: null });
    for (const id of resume) this.#resume(id);
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length >= HELD_EVENTS_MAX) void this.#open(false);
    else for (const event of held) this.receive(event);
  }

  #refused(error: ParleyError, quiet: boolean): void {
    if (error.code === 'not_found') {
      this.gone();
      return;
    }
    if (quiet) this.#goOn();
    else this.#set({ error });
    this.#retry.later(() => void this.#open(false, quiet), error.retryAfterMs);
  }

  /** The state is as good as before the request, so events that arrived meanwhile follow it. */
  #goOn(): void {
    this.#opening = false;
    this.#release();
  }

  #apply(event: RoomEvent): void {
    if (event.name === 'presence:changed') this.#set({ presence: event.payload.user_ids });
    else if (event.name !== 'typing:changed') this.#applyToLog(event);
    this.#publish();
  }

  #applyToLog(event: RoomEvent): void {
    switch (event.name) {
      case 'message:created':
        if (!this.#log.put(event.payload.message)) void this.#open(true);
        break;
      case 'message:updated':
        this.#log.put(event.payload.message);
        break;
      case 'message:deleted':
        this.#log.remove(event.payload.message_ids);
        void this.#open(true);
        break;
      default:
        this.#applyToAnswer(event);
    }
  }

  #applyToAnswer(event: RoomEvent): void {
    if (!('message_id' in event.payload)) return;
    const id = event.payload.message_id;
    if (!this.#log.knows(id)) this.#meet(id);
    else if (event.name === 'message:status') this.#log.status(event.payload);
    else if (event.name === 'message:delta') this.#do(id, this.#log.delta(event.payload));
    else if (event.name === 'message:completed') this.#do(id, this.#log.completed(event.payload));
  }

  #meet(messageId: number): void {
    if (this.#strangers.has(messageId)) return;
    this.#strangers.add(messageId);
    void this.#open(true);
  }

  #do(messageId: number, todo: Todo): void {
    if (todo === 'resume') this.#resume(messageId);
  }

  #resume(messageId: number): void {
    if (this.#resuming.has(messageId)) return;
    this.#resuming.add(messageId);
    void this.#askResume(messageId);
  }

  async #askResume(messageId: number): Promise<void> {
    const epoch = this.#epoch;
    const cursor = this.#log.cursor(messageId);
    try {
      const data = await this.#ports.call('generation:resume', cursor);
      if (epoch === this.#epoch) this.#resumed(cursor, { message_id: messageId, ...data });
    } catch {
      if (epoch === this.#epoch) this.#again();
    }
  }

  #resumed(asked: Cursor, live: LiveText): void {
    const todo = this.#log.live(live);
    const now = this.#log.cursor(live.message_id);
    this.#publish();
    const stuck = asked.attempt === now.attempt && asked.seq === now.seq;
    if (todo === 'resume' && stuck) this.#again();
    else {
      this.#repair.reset();
      this.#resuming.delete(live.message_id);
      this.#do(live.message_id, todo);
    }
  }

  /** A resume that failed or brought nothing is repeated as an open, which also shows deletions. */
  #again(): void {
    this.#repair.later(() => void this.#open(false));
  }

  #publish(): void {
    this.#set({ messages: this.#log.items, hasMore: this.#log.hasMore });
  }

  #set(change: Partial<ConversationState>): void {
    const messages = this.#log.items;
    this.#state = { ...this.#state, messages, hasMore: this.#log.hasMore, ...change };
    this.#silence.wait(this.#state.phase === 'open' && this.#log.running);
    this.#changes.emit(this.#state);
  }
}
