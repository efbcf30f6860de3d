import type { AckData, SocketEvents } from '../contract/events.js';
import type { ImportReport } from '../contract/imports.js';
import type { ConversationChanges, ConversationFields } from '../contract/rest.js';
import type { SearchPage, SearchQuery } from '../contract/search.js';
import type { Call } from './call.js';
import { Connection } from './connection/connection.js';
import { type Asks, createAsks } from './conversation/asks.js';
import type { ConversationStore } from './conversation/conversation-store.js';
import { Conversations } from './conversation/conversations.js';
import type { ConversationList } from './lists/conversation-list.js';
import { Outbox } from './outbox/outbox.js';
import type { ClientOptions, ParleyClient } from './parley-client.js';
import { type Credentials, createCredentials } from './rest/credentials.js';
import { createRest, type Rest } from './rest/rest.js';
import { Subject, type Unsubscribe } from './subject.js';
import { Repeater } from './time/repeater.js';
import { stopwatch } from './time/stopwatch.js';

/** Browsers may report several times that a page is visible again. */
const WAKE_EVERY_MS = 3_000;

/**
 * Creates a client, and connects it unless `autoConnect` is false.
 * @example
 * const client = createClient({ url: 'https://chat.example.org', token, refresh });
 * const program = createClient({ url: 'https://chat.example.org', token: 'pk_...' }); // a key of the user
 * const store = client.open(conversationId);
 * store.subscribe(({ messages }) => render(messages));
 * await client.send({ conversation_id: conversationId, content: 'Hello' });
 */
export function createClient(options: ClientOptions = {}): ParleyClient {
  const client = new Client(options);
  if (options.autoConnect ?? true) client.connect();
  return client;
}

class Client implements ParleyClient {
  readonly rest: Rest;
  readonly connection: Connection;
  readonly list: ConversationList;
  readonly pinned: ConversationList;
  readonly archived: ConversationList;
  readonly outbox: Outbox;
  readonly #conversations: Conversations;
  readonly #credentials: Credentials;
  readonly #repeater = new Repeater();
  readonly #asks: Asks;
  readonly #imports = new Subject<ImportReport>();
  readonly #hellos = new Subject<SocketEvents['server:hello']>();
  #hello: SocketEvents['server:hello'] | null = null;
  #sinceWoken = () => Number.POSITIVE_INFINITY;

  constructor(options: ClientOptions) {
    const { url = '', ackTimeoutMs = 10_000, backoff = { minMs: 300, maxMs: 8_000 } } = options;
    const credentials = createCredentials(options, () => this.rest);
    const { language = () => 'en' } = options;
    this.rest = createRest({
      url,
      language,
      token: () => credentials.token(),
      timeoutMs: ackTimeoutMs,
      renew: (thanMs) => credentials.renew(thanMs),
    });
    this.#credentials = credentials;
    this.connection = new Connection({ url, credentials, ackTimeoutMs, backoff });
    const { connection, rest } = this;
    const call: Call = (event, payload) => connection.call(event, payload);
    this.#asks = createAsks({
      call,
      repeater: this.#repeater,
      send: (draft) => this.outbox.add(draft),
      done: {
        stored: (data) => conversations.stored(data),
        selected: (data) => conversations.selected(data),
        deleted: (ids) => conversations.removed(ids),
      },
    });
    const conversations = new Conversations(
      {
        ...{ call, asks: this.#asks, silence: options.silence },
        older: (id, before) => rest.messages(id, { before }),
      },
      (id) => rest.conversation(id),
    );
    this.#conversations = conversations;
    const { active, pinned, archived } = conversations.lists;
    this.list = active;
    this.pinned = pinned;
    this.archived = archived;
    this.outbox = new Outbox(
      (entry) => connection.call('message:send', entry),
      options.outbox ?? null,
    );
    this.#listen();
  }

  hello(): SocketEvents['server:hello'] | null {
    return this.#hello;
  }

  onHello(listener: (hello: SocketEvents['server:hello']) => void): Unsubscribe {
    return this.#hellos.subscribe(listener);
  }

  connect(): void {
    this.#credentials.open();
    this.connection.start();
  }

  disconnect(): void {
    this.connection.stop();
    this.#credentials.close();
  }

  open(conversationId: number): ConversationStore {
    return this.#conversations.open(conversationId);
  }

  wake(): void {
    this.connection.nudge();
    if (!this.#isOnline || this.#sinceWoken() < WAKE_EVERY_MS) return;
    this.#sinceWoken = stopwatch();
    void this.connection.check().then((lives) => {
      if (lives && this.#isOnline) this.#conversations.refresh();
    });
  }

  close(conversationId: number): void {
    this.#conversations.close(conversationId);
  }

  readonly send: Asks['send'] = (draft) => this.#asks.send(draft);
  readonly edit: Asks['edit'] = (id, fields) => this.#asks.edit(id, fields);
  readonly regenerate: Asks['regenerate'] = (id, fields) => this.#asks.regenerate(id, fields);
  readonly continue: Asks['continue'] = (id) => this.#asks.continue(id);
  readonly select: Asks['select'] = (id) => this.#asks.select(id);
  readonly deleteMessage: Asks['deleteMessage'] = (id) => this.#asks.deleteMessage(id);

  stop(messageId: number): Promise<AckData<'generation:stop'>> {
    return this.connection.call('generation:stop', { message_id: messageId });
  }

  async create(fields: ConversationFields = {}): Promise<AckData<'conversation:create'>> {
    const data = await this.connection.call('conversation:create', fields);
    this.#conversations.put(data.conversation);
    return data;
  }

  async update(id: number, fields: ConversationChanges): Promise<AckData<'conversation:update'>> {
    const data = await this.connection.call('conversation:update', {
      ...fields,
      conversation_id: id,
    });
    this.#conversations.changed(data.conversation);
    return data;
  }

  async delete(id: number): Promise<void> {
    await this.connection.call('conversation:delete', { conversation_id: id });
    this.#conversations.deleted(id);
  }

  onDeleted(listener: (conversationId: number) => void): Unsubscribe {
    return this.#conversations.onDeleted(listener);
  }

  onImport(listener: (report: ImportReport) => void): Unsubscribe {
    return this.#imports.subscribe(listener);
  }

  async restore(id: number): Promise<AckData<'conversation:restore'>> {
    const data = await this.#repeater.run(() =>
      this.connection.call('conversation:restore', { conversation_id: id }),
    );
    this.#conversations.created(data.conversation);
    return data;
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return this.connection.call('conversation:search', query);
  }

  async read(conversation_id: number, message_id: number): Promise<void> {
    await this.connection.call('read:set', { conversation_id, message_id });
  }

  get #isOnline(): boolean {
    return this.connection.status.state === 'online';
  }

  #listen(): void {
    const { connection } = this;
    connection.on('import:progress', (report) => this.#imports.emit(report));
    connection.on('server:hello', (hello) => {
      this.#hello = hello;
      this.#hellos.emit(hello);
    });
    connection.subscribe(() => this.#setOnline(this.#isOnline));
    this.#conversations.listen(connection);
    this.outbox.onSent(({ sent }) => this.#conversations.stored(sent));
  }

  #setOnline(online: boolean): void {
    this.#conversations.setOnline(online);
    this.outbox.setOnline(online);
    this.#repeater.setOnline(online);
  }
}
