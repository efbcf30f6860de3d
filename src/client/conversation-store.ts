import type { AckData, ClientPayload, RoomEvent } from '../contract/events.js';
import { LIMITS } from '../contract/limits.js';
import type { Conversation, Message } from '../contract/rest.js';
import { AnswerRepair } from './answer-repair.js';
import type { Asks } from './asks.js';
import { Completeness } from './completeness.js';
import { type ConversationPorts, type ConversationState, unopened } from './conversation-state.js';
import { LeafWatch } from './leaf-watch.js';
import { MessageLog } from './message-log.js';
import { newer } from './newer.js';
import type { Draft } from './outbox.js';
import { type ParleyError, toParleyError } from './parley-error.js';
import { Retry } from './retry.js';
import { isAboutMessages, RoomEvents } from './room-events.js';
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
  readonly #retry = new Retry();
  readonly #repair: AnswerRepair;
  readonly #events: RoomEvents;
  readonly #leaf: LeafWatch;
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
  readonly #completeness = new Completeness();

  constructor(id: number, ports: ConversationPorts) {
    this.id = id;
    this.#ports = ports;
    this.#silence = new Silence(() => this.refresh(), ports.silence);
    this.#leaf = new LeafWatch(() => void this.#open(true, true), ports.followAfterMs);
    this.#repair = new AnswerRepair({
      call: ports.call,
      log: this.#log,
      changed: () => this.#publish(),
      reopen: () => void this.#open(false),
    });
    this.#events = new RoomEvents({
      log: this.#log,
      repair: this.#repair,
      lookingAt: () => this.#state.lookingAt,
      lookAt: (lookingAt) => this.#set({ lookingAt }),
      removed: (ids) => this.removed(ids),
      reopen: () => void this.#open(true),
    });
    this.#state = unopened(id);
  }

  /** The current state. */
  get state(): ConversationState {
    return this.#state;
  }

  /** Calls `listener` with every new state. */
  subscribe(listener: (state: ConversationState) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** Reads what is missing after a connect; `whole`: also after a possible loss of events. */
  open(whole = false): void {
    if (this.#state.phase === 'gone') return;
    this.#online = true;
    this.#retry.reset();
    void this.#open(whole);
  }

  /** Reads again everything that may have changed without an event. The state stays as it is until then. */
  refresh(): void {
    this.#settle();
    if (this.#state.phase === 'open' && !this.#opening) void this.#open(false, true);
  }

  /**
   * Shows the branch that ends at a message, on this device only; null: the active branch again. A question from this
   * device ends it, and so does the deletion of that message.
   * @example
   * store.look(answer.id);
   * store.look(null);
   */
  look(leafMessageId: number | null): void {
    if (leafMessageId === this.#state.lookingAt) return;
    this.#set({ lookingAt: leafMessageId });
    this.#reread();
  }

  /** Like `send` of the client, in this conversation. */
  send(draft: Omit<Draft, 'conversation_id'>) {
    return this.#ports.asks.send({ ...draft, conversation_id: this.id });
  }

  readonly edit: Asks['edit'] = (id, fields) => this.#ports.asks.edit(id, fields);
  readonly regenerate: Asks['regenerate'] = (id, fields) => this.#ports.asks.regenerate(id, fields);
  readonly continue: Asks['continue'] = (id) => this.#ports.asks.continue(id);
  readonly select: Asks['select'] = (id) => this.#ports.asks.select(id);
  readonly deleteMessage: Asks['deleteMessage'] = (id) => this.#ports.asks.deleteMessage(id);

  /** The connection is lost. The shown messages stay. */
  lost(): void {
    this.#settle();
    this.#online = false;
    this.#opening = false;
    this.#epoch += 1;
    this.#repair.reset();
    this.#retry.reset();
    this.#leaf.stop();
    this.#set({ phase: this.#state.phase === 'gone' ? 'gone' : 'opening' });
  }

  /** Shows messages from an ack, also before the first open. */
  seed(conversation: Conversation | null, messages: readonly Message[]): void {
    if (conversation !== null) this.updated(conversation);
    const { lookingAt } = this.#state;
    const isNew = messages.some(({ id }) => !this.#log.has(id));
    const isActive = lookingAt === conversation?.active_message_id;
    this.#set({ lookingAt: isNew || isActive ? null : lookingAt });
    const placed = messages.map((message) => this.#log.put(message));
    if (placed.includes('unknown')) this.#reread();
    this.#publish();
  }

  /** Shows the branch that an ack brought. Texts of running answers are read after it. */
  selected({ conversation, messages }: AckData<'message:select'>): void {
    this.#set({ lookingAt: null });
    this.updated(conversation);
    this.#log.merge({ conversation, messages, live: [] });
    if (this.#log.running) this.#reread();
    this.#publish();
  }

  /** Removes deleted messages, and reads the branch again if one of them was shown. */
  removed(messageIds: readonly number[]): void {
    if (!this.#log.remove(messageIds)) {
      this.#publish();
      return;
    }
    const { lookingAt } = this.#state;
    this.#set({ lookingAt: messageIds.includes(lookingAt ?? 0) ? null : lookingAt });
    this.#reread();
  }

  /** Takes an event of the room. */
  receive(event: RoomEvent): void {
    if (isAboutMessages(event)) this.#silence.heard();
    if (this.#state.phase === 'open' && !this.#opening) this.#apply(event);
    else if (this.#online && this.#held.length < HELD_EVENTS_MAX) this.#held.push(event);
  }

  /** Takes a newer copy of the conversation. */
  updated(conversation: Conversation): void {
    this.#settle();
    this.#completeness.heard();
    this.#set({ conversation: newer(this.#state.conversation, conversation) });
  }

  /** The conversation was deleted, or the user is no longer a member. */
  gone(): void {
    this.lost();
    this.#set({ phase: 'gone' });
  }

  /** It was deleted, and is there again. */
  back(): void {
    if (this.#state.phase !== 'gone') return;
    this.#set({ phase: 'opening' });
    this.open(true);
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

  /** Shows what it has until the reply comes. */
  #reread(): void {
    if (this.#online) void this.#open(true, this.#state.phase === 'open');
  }

  #settle(): void {
    const { phase, conversation } = this.#state;
    if (phase === 'open' && !this.#opening)
      this.#completeness.settle(conversation?.updated_at ?? null);
  }

  /** Only what is missing at the end, unless other messages may have changed as well. */
  #lacksOnlyTheEnd(): boolean {
    const { conversation } = this.#state;
    return this.#log.leafId !== null && this.#completeness.is(conversation?.updated_at);
  }

  async #open(all: boolean, quiet = false): Promise<void> {
    const whole = all || !this.#lacksOnlyTheEnd();
    this.#epoch += 1;
    this.#repair.ignore();
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
    const { leafId } = this.#log;
    const { lookingAt } = this.#state;
    const cursors = this.#log.cursors();
    return {
      conversation_id: this.id,
      limit: LIMITS.messagePageDefault,
      ...(whole || leafId === null ? {} : { after_message_id: leafId }),
      ...(lookingAt === null ? {} : { leaf_message_id: lookingAt }),
      ...(cursors.length === 0 ? {} : { cursors }),
    };
  }

  #opened(data: AckData<'conversation:open'>, whole: boolean, quiet: boolean): void {
    const before = this.#log.progress();
    const { complete, resume } = this.#log.merge(data, this.#state.lookingAt ?? undefined);
    if (before !== this.#log.progress()) this.#silence.heard();
    const { members, presence } = data;
    const conversation = newer(this.#state.conversation, data.conversation);
    const isSame = this.#completeness.is(data.conversation.updated_at);
    this.#completeness.read(data.conversation.updated_at);
    if (!whole && !(complete && isSame)) {
      void this.#open(true, quiet);
      return;
    }
    this.#opening = false;
    this.#repair.clear();
    this.#retry.reset();
    this.#set({ phase: 'open', conversation, members, presence, error: null });
    for (const id of resume) this.#repair.do(id, 'resume');
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
      if (this.#state.lookingAt === null) this.gone();
      else this.look(null);
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
    else if (isAboutMessages(event)) this.#events.apply(event);
    this.#publish();
  }

  #publish(): void {
    this.#set({ messages: this.#log.items, hasMore: this.#log.hasMore });
  }

  #set(change: Partial<ConversationState>): void {
    const messages = this.#log.items;
    this.#state = { ...this.#state, messages, hasMore: this.#log.hasMore, ...change };
    const isOpen = this.#state.phase === 'open';
    this.#silence.wait(isOpen && this.#log.running);
    if (isOpen && !this.#opening) this.#watchLeaf();
    this.#changes.emit(this.#state);
  }

  #watchLeaf(): void {
    const { conversation, lookingAt } = this.#state;
    const activeId = lookingAt === null ? (conversation?.active_message_id ?? null) : null;
    this.#leaf.look(lookingAt === null ? this.#log.leafId : null, activeId);
  }
}
