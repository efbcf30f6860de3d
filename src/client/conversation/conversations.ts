import type { AckData, RoomEvent, RoomEventName, RoomEvents } from '../../contract/events.js';
import type { Conversation, ConversationAnswer } from '../../contract/rest.js';
import type { Connection } from '../connection/connection.js';
import { ConversationLists } from '../lists/lists.js';
import { RowWatch } from '../lists/row-watch.js';
import { Subject, type Unsubscribe } from '../subject.js';
import type { Stored } from './asks.js';
import type { ConversationPorts } from './conversation-state.js';
import { ConversationStore } from './conversation-store.js';
import { PassedRooms } from './passed-rooms.js';

const ROOM_EVENTS = [
  'message:created',
  'message:delta',
  'message:status',
  'message:completed',
  'message:updated',
  'message:deleted',
  'presence:changed',
] as const satisfies RoomEventName[];

/** The user's lists and open conversations. Every ack and every event reaches all that it concerns. */
export class Conversations {
  readonly lists: ConversationLists;
  readonly #stores = new Map<number, ConversationStore>();
  readonly #ports: ConversationPorts;
  readonly #rows: RowWatch;
  readonly #passed: PassedRooms;
  readonly #deletions = new Subject<number>();
  #online = false;

  /** `read`: one conversation as it is now. */
  constructor(ports: ConversationPorts, read: (id: number) => Promise<Conversation>) {
    this.#ports = ports;
    this.lists = new ConversationLists(ports.call);
    this.#passed = new PassedRooms(ports.call, (id) => this.#stores.has(id));
    this.#rows = new RowWatch({
      lists: this.lists.all,
      read,
      changed: (conversation) => this.changed(conversation),
    });
  }

  /** Takes all events about conversations. */
  listen(connection: Pick<Connection, 'on'>): void {
    connection.on('server:resync', ({ conversation_ids }) => this.#resync(conversation_ids));
    connection.on('conversation:created', ({ conversation }) => this.created(conversation));
    connection.on('conversation:updated', ({ conversation }) => this.changed(conversation));
    connection.on('answer:changed', ({ conversation_id, answer }) =>
      this.answered(conversation_id, answer),
    );
    connection.on('conversation:deleted', ({ conversation_id }) => this.deleted(conversation_id));
    for (const name of ROOM_EVENTS) this.#follow(connection, name);
  }

  setOnline(online: boolean): void {
    this.#online = online;
    if (!online) this.#passed.lost();
    for (const store of this.#stores.values()) online ? store.open() : store.lost();
    this.#rows.setOnline(online);
    if (online) this.lists.reload();
    else this.lists.lost();
  }

  open(id: number): ConversationStore {
    const known = this.#stores.get(id);
    if (known !== undefined) return known;
    const store = new ConversationStore(id, this.#ports);
    this.#stores.set(id, store);
    if (this.#online) store.open();
    return store;
  }

  /** Also leaves a room that only an ask has joined. */
  close(id: number): void {
    const store = this.#stores.get(id);
    this.#stores.delete(id);
    store?.lost();
    if (this.#online && store?.state.phase !== 'gone') this.#passed.leave(id);
  }

  /** Reads again everything that may have changed without an event. */
  refresh(): void {
    for (const store of this.#stores.values()) store.refresh();
    this.lists.reload();
  }

  /** New or continued messages, from an ack. */
  stored({ conversation, user_message, assistant_message }: Stored): void {
    const messages = [user_message, assistant_message].filter((message) => message != null);
    const id = messages[0]?.conversation_id;
    if (id !== undefined) {
      const store = this.#stores.get(id);
      if (store) store.seed(conversation ?? null, messages);
      else this.#passed.joined(id);
    }
    if (conversation !== undefined) this.put(conversation);
  }

  selected(data: AckData<'message:select'>): void {
    this.#stores.get(data.conversation.id)?.selected(data);
    this.put(data.conversation);
  }

  /** Deleted messages. */
  removed(messageIds: readonly number[]): void {
    for (const store of this.#stores.values()) store.removed(messageIds);
  }

  /** Shows the conversation in each list where it belongs. */
  put(conversation: Conversation): void {
    this.lists.put(conversation);
  }

  /** Takes a new conversation, or one that was deleted and is restored. */
  created(conversation: Conversation): void {
    this.#stores.get(conversation.id)?.back();
    this.changed(conversation);
  }

  answered(id: number, answer: ConversationAnswer | null): void {
    this.#rows.heard();
    this.lists.answered(id, answer);
    this.#stores.get(id)?.answered(answer);
  }

  changed(conversation: Conversation): void {
    this.put(conversation);
    this.#stores.get(conversation.id)?.updated(conversation);
  }

  deleted(id: number): void {
    this.lists.remove(id);
    this.#stores.get(id)?.gone();
    this.#deletions.emit(id);
  }

  onDeleted(listener: (id: number) => void): Unsubscribe {
    return this.#deletions.subscribe(listener);
  }

  #follow<E extends RoomEventName>(connection: Pick<Connection, 'on'>, name: E): void {
    connection.on(name, (payload: RoomEvents[E]) => {
      const event = { name, payload } as RoomEvent;
      this.#stores.get(conversationOf(event))?.receive(event);
    });
  }

  #resync(ids: readonly number[] | undefined): void {
    for (const store of this.#stores.values()) {
      if (ids === undefined || ids.includes(store.id)) store.open(true);
    }
    if (ids === undefined) this.lists.reload();
  }
}

const conversationOf = ({ payload }: RoomEvent): number =>
  'message' in payload ? payload.message.conversation_id : payload.conversation_id;
