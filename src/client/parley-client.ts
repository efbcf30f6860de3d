import type { AckData, SocketEvents } from '../contract/events.js';
import type { ImportReport } from '../contract/imports.js';
import type { ConversationChanges, ConversationFields } from '../contract/rest.js';
import type { SearchPage, SearchQuery } from '../contract/search.js';
import type { Connection } from './connection/connection.js';
import type { Asks } from './conversation/asks.js';
import type { ConversationStore } from './conversation/conversation-store.js';
import type { ConversationList } from './lists/conversation-list.js';
import type { Outbox, OutboxStorage } from './outbox/outbox.js';
import type { CredentialOptions } from './rest/credentials.js';
import type { Rest } from './rest/rest.js';
import type { Unsubscribe } from './subject.js';
import type { BackoffOptions } from './time/retry.js';

/** Options of `createClient`. A browser's cookies are used if there are no credentials. */
export interface ClientOptions extends CredentialOptions {
  /** Origin of the server, for example `https://chat.example.org`; empty in a page that it served itself. */
  url?: string;
  /** Connects at once, otherwise on `connect()`. Default: true. */
  autoConnect?: boolean;
  /** The longest wait for any single answer. */
  ackTimeoutMs?: number;
  /** Waits between attempts to connect. Default: 300 ms to 8 s. */
  backoff?: BackoffOptions;
  /** Keeps unsent messages across reloads. */
  outbox?: OutboxStorage;
  /** BCP 47 language of error texts. Default: English. */
  language?: () => string;
  /**
   * How long a running answer may be silent before the server is asked: at first, and at most. Default: 8 s and 60 s.
   */
  silence?: BackoffOptions;
}

/**
 * Parley from the outside: browser, Node or React Native.
 * @example
 * client.connection.subscribe(({ state, code }) => show(state, code));
 * const { conversation, assistant_message } = await client.send({ content: 'What is a lease?' });
 * client.open(conversation.id).subscribe(({ messages }) => render(messages));
 */
export interface ParleyClient extends Asks {
  readonly rest: Rest;
  readonly connection: Pick<Connection, 'status' | 'subscribe' | 'setNetwork' | 'nudge'>;
  /** All that are not archived. */
  readonly list: ConversationList;
  /** The pinned ones among them. */
  readonly pinned: ConversationList;
  /** The archived ones, read from the first `show()` on. */
  readonly archived: ConversationList;
  readonly outbox: Outbox;
  /** The `server:hello` of the current connection. */
  hello(): SocketEvents['server:hello'] | null;
  /** Calls `listener` with the `server:hello` of every connection. */
  onHello(listener: (hello: SocketEvents['server:hello']) => void): Unsubscribe;
  /** Connects, and stays connected until `disconnect`. Does nothing if it was called before. */
  connect(): void;
  /** Closes the connection. Unsent messages stay in the outbox. */
  disconnect(): void;
  /** Follows a conversation, across reconnects, until `close`. The same id gives the same store. */
  open(conversationId: number): ConversationStore;
  /**
   * Checks that the connection is alive, and reads open conversations and the list again. Call it after a device slept
   * or a page was hidden for long.
   */
  wake(): void;
  /** Stops following a conversation. */
  close(conversationId: number): void;
  /** Ends a running answer. Its text so far is kept. Resolves to its status. Rejects with a `ParleyError`. */
  stop(messageId: number): Promise<AckData<'generation:stop'>>;
  /** Creates an empty conversation. Rejects with a `ParleyError`. */
  create(fields?: ConversationFields): Promise<AckData<'conversation:create'>>;
  /**
   * Changes the given fields of a conversation; `pinned` and `archived` for this user only. Rejects with a
   * `ParleyError`: `forbidden` for viewers, except for these two.
   */
  update(
    conversationId: number,
    fields: ConversationChanges,
  ): Promise<AckData<'conversation:update'>>;
  /**
   * Deletes a conversation for all members. It can be restored for five minutes. Rejects with a `ParleyError`:
   * `forbidden` except for owners.
   */
  delete(conversationId: number): Promise<void>;
  /**
   * Calls `listener` with the id of every conversation that is deleted, on whatever device, or that the user has left.
   */
  onDeleted(listener: (conversationId: number) => void): Unsubscribe;
  /**
   * Calls `listener` with the progress of the user's imports, on whatever device they were begun. Returns a function
   * that ends it.
   */
  onImport(listener: (report: ImportReport) => void): Unsubscribe;
  /**
   * Undoes a deletion.
   * @example
   * await client.delete(7);
   * await client.restore(7);
   */
  restore(conversationId: number): Promise<AckData<'conversation:restore'>>;
  /**
   * Messages and titles that have all words, in any order and case, the newest first; also in the archive.
   * @example
   * const { results, next_cursor } = await client.search({ q: 'rainbow 彩虹' });
   */
  search(query: SearchQuery): Promise<SearchPage>;
  /** The user has read everything up to a message; an earlier one changes nothing. */
  read(conversationId: number, messageId: number): Promise<void>;
}
