import type { AckData, RoomEvent } from '../../contract/events.js';
import type { Conversation, ConversationAnswer, Message } from '../../contract/rest.js';
import { Silence } from '../connection/silence.js';
import { answered, newer } from '../lists/newer.js';
import type { Draft } from '../outbox/outbox.js';
import { toParleyError } from '../parley-error.js';
import { Subject, type Unsubscribe } from '../subject.js';
import { Retry } from '../time/retry.js';
import { AnswerRepair } from './answer-repair.js';
import type { Asks } from './asks.js';
import { Completeness } from './completeness.js';
import { type ConversationPorts, type ConversationState, unopened } from './conversation-state.js';
import { LeafWatch } from './leaf-watch.js';
import { MessageLog } from './message-log.js';
import { OlderMessages } from './older-messages.js';
import { openRequest } from './open-request.js';
import {
  phaseOf,
  type Reading,
  type ReadingEffect,
  type ReadingEvent,
  readingStep,
} from './reading-machine.js';
import { isAboutMessages, RoomEvents } from './room-events.js';

/**
 * One open conversation. It follows the server's events by the client rules, and repairs itself if some are missing.
 * @example
 * const store = client.open(conversation.id);
 * const unsubscribe = store.subscribe(({ messages }) => render(messages)); // running answers grow in `content`
 * await store.send({ content: 'And what is a fence?' });
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
  readonly #older: OlderMessages;
  /** An event may be lost without a sign, so only asking shows it. */
  readonly #silence: Silence;
  #reading: Reading = { at: 'away', reads: 0, lookingAt: null };
  #state: ConversationState;
  readonly #completeness = new Completeness();

  constructor(id: number, ports: ConversationPorts) {
    this.id = id;
    this.#ports = ports;
    this.#silence = new Silence(() => this.refresh(), ports.silence);
    this.#leaf = new LeafWatch(() => this.#happened({ type: 'strayed' }), ports.followAfterMs);
    this.#repair = new AnswerRepair({
      call: ports.call,
      log: this.#log,
      changed: () => this.#publish(),
      reopen: () => this.#happened({ type: 'lacking', whole: false }),
    });
    this.#events = new RoomEvents({
      log: this.#log,
      repair: this.#repair,
      lookingAt: () => this.#reading.lookingAt,
      lookAt: (leafId) => this.#look(leafId),
      removed: (ids) => this.removed(ids),
      reopen: () => this.#happened({ type: 'lacking', whole: true }),
    });
    const readOlder = (before: number) => ports.older(id, before);
    this.#older = new OlderMessages(this.#log, readOlder, () => this.#publish());
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
    this.#happened({ type: 'connected', whole });
  }

  /** Reads again everything that may have changed without an event. The state stays as it is until then. */
  refresh(): void {
    this.#settle();
    this.#happened({ type: 'stale' });
  }

  /**
   * Shows the branch that ends at a message, on this device only; null: the active branch again. A question from this
   * device ends it, and so does the deletion of that message.
   * @example
   * store.look(answer.id);
   * store.look(null);
   */
  look(leafMessageId: number | null): void {
    if (leafMessageId === this.#reading.lookingAt) return;
    this.#look(leafMessageId);
    this.#happened({ type: 'changed' });
  }

  /** Sends in this conversation, like `send` of the client. */
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
    this.#happened({ type: 'lost' });
  }

  /** Shows messages from an ack, also before the first open. */
  seed(conversation: Conversation | null, messages: readonly Message[]): void {
    if (conversation !== null) this.updated(conversation);
    const { lookingAt } = this.#reading;
    const isNew = messages.some(({ id }) => !this.#log.has(id));
    const isActive = lookingAt === conversation?.active_message_id;
    if (isNew || isActive) this.#look(null);
    const placed = messages.map((message) => this.#log.put(message));
    if (placed.includes('unknown')) this.#happened({ type: 'changed' });
    this.#publish();
  }

  /** Shows the branch that an ack brought. Texts of running answers are read after it. */
  selected({ conversation, messages }: AckData<'message:select'>): void {
    this.#look(null);
    this.updated(conversation);
    this.#log.merge({ conversation, messages, live: [] });
    if (this.#log.running) this.#happened({ type: 'changed' });
    this.#publish();
  }

  /** Removes deleted messages, and reads the branch again if one of them was shown. */
  removed(messageIds: readonly number[]): void {
    const wasShown = this.#log.remove(messageIds);
    if (wasShown && messageIds.includes(this.#reading.lookingAt ?? 0)) this.#look(null);
    this.#publish();
    if (wasShown) this.#happened({ type: 'changed' });
  }

  /** Takes an event of the room. */
  receive(event: RoomEvent): void {
    if (isAboutMessages(event)) this.#silence.heard();
    this.#happened({ type: 'received', event });
  }

  /** Takes a newer copy of the conversation. */
  updated(conversation: Conversation): void {
    this.#settle();
    this.#completeness.heard();
    this.#set({ conversation: newer(this.#state.conversation, conversation) });
  }

  /** Takes the answer that the lists show for this conversation. */
  answered(answer: ConversationAnswer | null): void {
    const { conversation } = this.#state;
    if (conversation) this.#set({ conversation: answered(conversation, answer) });
  }

  /** The conversation was deleted, or the user is no longer a member. */
  gone(): void {
    this.#happened({ type: 'deleted' });
  }

  /** The conversation was deleted, and is there again. */
  back(): void {
    this.#happened({ type: 'restored' });
  }

  /** Adds the page before the oldest message. Simultaneous calls share one request. */
  loadOlder(): Promise<void> {
    return this.#older.load();
  }

  #look(leafId: number | null): void {
    this.#happened({ type: 'looked', leafId });
  }

  #settle(): void {
    if (this.#reading.at !== 'open') return;
    this.#completeness.settle(this.#state.conversation?.updated_at ?? null);
  }

  /** True if only the end is missing; false if other messages may have changed as well. */
  #lacksOnlyTheEnd(): boolean {
    const { conversation } = this.#state;
    return this.#log.leafId !== null && this.#completeness.is(conversation?.updated_at);
  }

  #happened(event: ReadingEvent): void {
    const { state, effects } = readingStep(this.#reading, event);
    this.#reading = state;
    for (const effect of effects) this.#do(effect);
    const { phase, lookingAt } = this.#state;
    if (phase !== phaseOf(this.#reading) || lookingAt !== this.#reading.lookingAt) this.#publish();
  }

  #do(effect: ReadingEffect): void {
    switch (effect.do) {
      case 'read':
        void this.#read(effect.read, effect.whole);
        break;
      case 'merge':
        this.#merge(effect.data, effect.whole);
        break;
      case 'show':
        this.#show(effect.data, effect.resume);
        break;
      case 'apply':
        this.#apply(effect.event);
        break;
      case 'receive':
        for (const event of effect.events) this.receive(event);
        break;
      case 'explain':
        this.#set({ error: effect.error });
        break;
      case 'retry':
        this.#retry.later(() => this.#happened({ type: 'waited' }), effect.atLeastMs);
        break;
      case 'calm':
        this.#retry.reset();
        break;
      case 'drop':
        this.#repair.reset();
        this.#retry.reset();
        this.#leaf.stop();
    }
  }

  async #read(read: number, all: boolean): Promise<void> {
    const whole = all || !this.#lacksOnlyTheEnd();
    this.#repair.ignore();
    this.#retry.cancel();
    try {
      const request = openRequest(this.id, this.#log, this.#reading.lookingAt, whole);
      const data = await this.#ports.call('conversation:open', request);
      this.#happened({ type: 'replied', read, data, whole });
    } catch (error) {
      this.#happened({ type: 'failed', read, error: toParleyError(error) });
    }
  }

  #merge(data: AckData<'conversation:open'>, whole: boolean): void {
    const before = this.#log.progress();
    const { complete, resume } = this.#log.merge(data, this.#reading.lookingAt ?? undefined);
    if (before !== this.#log.progress()) this.#silence.heard();
    const { updated_at } = data.conversation;
    const enough = whole || (complete && this.#completeness.is(updated_at));
    this.#completeness.read(updated_at);
    this.#happened({ type: 'merged', data, enough, resume });
  }

  #show(data: AckData<'conversation:open'>, resume: readonly number[]): void {
    const { members, presence } = data;
    const conversation = newer(this.#state.conversation, data.conversation);
    this.#repair.clear();
    this.#retry.reset();
    this.#set({ conversation, members, presence, error: null });
    for (const id of resume) this.#repair.do(id, 'resume');
  }

  #apply(event: RoomEvent): void {
    if (event.name === 'presence:changed') this.#set({ presence: event.payload.user_ids });
    else if (isAboutMessages(event)) this.#events.apply(event);
    this.#publish();
  }

  #publish(): void {
    this.#set({});
  }

  #set(change: Partial<ConversationState>): void {
    const { lookingAt } = this.#reading;
    const { items: messages, hasMore } = this.#log;
    const phase = phaseOf(this.#reading);
    this.#state = { ...this.#state, phase, lookingAt, messages, hasMore, ...change };
    this.#silence.wait(phase === 'open' && this.#log.running);
    if (this.#reading.at === 'open') this.#watchLeaf();
    this.#changes.emit(this.#state);
  }

  #watchLeaf(): void {
    const { conversation, lookingAt } = this.#state;
    const activeId = lookingAt === null ? (conversation?.active_message_id ?? null) : null;
    this.#leaf.look(lookingAt === null ? this.#log.leafId : null, activeId);
  }
}
