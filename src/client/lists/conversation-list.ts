import type { Conversation, ConversationAnswer, ConversationFilter } from '../../contract/rest.js';
import type { Call } from '../call.js';
import { type ParleyError, toParleyError } from '../parley-error.js';
import { Subject, type Unsubscribe } from '../subject.js';
import { Retry } from '../time/retry.js';
import { answered, newer } from './newer.js';

/** The list as a page shows it. `error` is the last failure; the list retries by itself. */
export interface ListState {
  /** Newest activity first. */
  readonly conversations: readonly Conversation[];
  readonly query: string;
  readonly hasMore: boolean;
  readonly loading: boolean;
  readonly loaded: boolean;
  readonly error: ParleyError | null;
}

const EMPTY: ListState = {
  conversations: [],
  query: '',
  hasMore: false,
  loading: false,
  loaded: false,
  error: null,
};
const PAGE = 30;

const BELONGS: Record<ConversationFilter, (conversation: Conversation) => boolean> = {
  active: ({ archived }) => !archived,
  archived: ({ archived }) => archived,
  pinned: ({ archived, pinned }) => pinned && !archived,
};

/**
 * The user's conversations of one filter, in pages, kept up to date with changes from other devices.
 * @example
 * client.list.subscribe(({ conversations, hasMore }) => render(conversations, hasMore));
 * client.list.more();
 */
export class ConversationList {
  readonly #call: Call;
  readonly #filter: ConversationFilter;
  /** A list that was never shown is not read. */
  #shown: boolean;
  readonly #changes = new Subject<ListState>();
  readonly #retry = new Retry();
  #state: ListState = EMPTY;
  #cursor: string | null = null;
  /** Replies to earlier requests are ignored. */
  #epoch = 0;
  /** Changes that arrive while a page is being read, and may be newer than it. Null: deleted. */
  readonly #meanwhile = new Map<number, Conversation | null>();
  /** The same for the answers that conversations have. */
  readonly #answers = new Map<number, ConversationAnswer | null>();

  constructor(call: Call, filter: ConversationFilter = 'active', shown = true) {
    this.#call = call;
    this.#filter = filter;
    this.#shown = shown;
  }

  /** The current state. */
  get state(): ListState {
    return this.#state;
  }

  /** Calls `listener` with every new state. */
  subscribe(listener: (state: ListState) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** Reads the list for the first time, and keeps it up to date from then on. */
  show(): void {
    if (this.#shown) return;
    this.#shown = true;
    this.reload();
  }

  /** Reads the first page again; the list stays as it is until then. */
  reload(): void {
    if (!this.#shown) return;
    this.#retry.cancel();
    void this.#load(null);
  }

  /** Reads the next page, if there is one. */
  more(): void {
    if (this.#cursor !== null && !this.#state.loading) void this.#load(this.#cursor);
  }

  /** Empty: all conversations. */
  search(query: string): void {
    if (query === this.#state.query) return;
    this.#set({ query, conversations: [], loaded: false, hasMore: false });
    this.reload();
  }

  /** The connection is lost: pending replies are ignored. */
  lost(): void {
    this.#epoch += 1;
    this.#retry.reset();
    this.#set({ loading: false });
  }

  /** Follows a change. While a search is shown, only its results do. */
  put(conversation: Conversation): void {
    if (this.#state.loading) this.#meanwhile.set(conversation.id, conversation);
    this.#put(conversation);
  }

  /** Takes the answer that a conversation has now. */
  answered(id: number, answer: ConversationAnswer | null): void {
    if (this.#state.loading) this.#answers.set(id, answer);
    const known = this.#state.conversations.find((item) => item.id === id);
    if (known === undefined) return;
    const next = answered(known, answer);
    if (next === known) return;
    this.#set({
      conversations: this.#state.conversations.map((item) => (item === known ? next : item)),
    });
  }

  /** Removes a conversation from the list. */
  remove(id: number): void {
    if (this.#state.loading) this.#meanwhile.set(id, null);
    this.#remove(id);
  }

  #put(conversation: Conversation): void {
    const known = this.#state.conversations.find(({ id }) => id === conversation.id);
    if (known && newer(known, conversation) === known) return;
    if (!BELONGS[this.#filter](conversation)) {
      this.#remove(conversation.id);
      return;
    }
    if (!known && (this.#state.query !== '' || this.#beyondLoaded(conversation))) return;
    this.#set({ conversations: merged(this.#state.conversations, [conversation]) });
  }

  #remove(id: number): void {
    this.#set({ conversations: this.#state.conversations.filter((item) => item.id !== id) });
  }

  async #load(cursor: string | null): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#meanwhile.clear();
    this.#answers.clear();
    this.#set({ loading: true });
    try {
      const page = await this.#call('conversation:list', this.#request(cursor));
      if (epoch === this.#epoch) this.#loaded(cursor, page.conversations, page.next_cursor);
    } catch (error) {
      if (epoch === this.#epoch) this.#failed(cursor, toParleyError(error));
    }
  }

  #request(cursor: string | null) {
    const { query } = this.#state;
    return {
      limit: PAGE,
      filter: this.#filter,
      ...(cursor === null ? {} : { cursor }),
      ...(query === '' ? {} : { q: query }),
    };
  }

  #loaded(cursor: string | null, page: readonly Conversation[], next: string | null): void {
    this.#cursor = next;
    this.#retry.reset();
    this.#set({
      conversations: cursor === null ? page : merged(this.#state.conversations, page),
      hasMore: next !== null,
      loading: false,
      loaded: true,
      error: null,
    });
    for (const [id, conversation] of this.#meanwhile) {
      if (conversation === null) this.#remove(id);
      else this.#put(conversation);
    }
    for (const [id, answer] of this.#answers) this.answered(id, answer);
  }

  #failed(cursor: string | null, error: ParleyError): void {
    this.#set({ loading: false, error });
    if (error.retryable) this.#retry.later(() => void this.#load(cursor), error.retryAfterMs);
  }

  /** A later page will contain it. */
  #beyondLoaded(conversation: Conversation): boolean {
    const last = this.#state.conversations.at(-1);
    return this.#state.hasMore && last !== undefined && newestFirst(conversation, last) > 0;
  }

  #set(change: Partial<ListState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes.emit(this.#state);
  }
}

function merged(old: readonly Conversation[], fresh: readonly Conversation[]): Conversation[] {
  const byId = new Map(old.map((item) => [item.id, item]));
  for (const item of fresh) byId.set(item.id, newer(byId.get(item.id), item));
  return [...byId.values()].sort(newestFirst);
}

const activity = (item: Conversation): string => item.last_message_at ?? item.created_at;

function newestFirst(a: Conversation, b: Conversation): number {
  if (activity(a) === activity(b)) return b.id - a.id;
  return activity(a) < activity(b) ? 1 : -1;
}
