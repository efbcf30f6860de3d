import type {
  Conversation,
  ConversationFields,
  Member,
  MemberRole,
  Message,
} from '../contract/rest.js';
import type { MessagePage } from './message-repository.js';

export interface ConversationPage {
  conversations: Conversation[];
  nextCursor: string | null;
}

export interface ViewQuery {
  id: number;
  /** The reader. */
  memberId: number;
  /** Messages per page. */
  limit: number;
  /** The page ends before this message. */
  afterId?: number;
  /** The leaf of a branch to read instead of the active one. */
  leafId?: number;
  /** Further messages of the conversation, wherever they are. */
  others: readonly number[];
}

/** Its text is left out if all of them together exceed a page. It is then an ended answer. */
export type OtherMessage = Omit<Message, 'content'> & { content: string | null };

/** One consistent state; `others` may be read a moment later. */
export interface ConversationSnapshot {
  conversation: Conversation;
  members: Member[];
  /** The end of the active branch. */
  page: MessagePage;
  /** Those of `others` that are not on the page. */
  others: OtherMessage[];
}

export interface ConversationRepository {
  /** The creator becomes its owner. */
  create(ownerId: number, fields: ConversationFields & { title: string }): Promise<Conversation>;
  /** As this member sees it; null for others. */
  find(id: number, memberId: number): Promise<Conversation | null>;
  /** Like `find`, and locks the row until the transaction ends. */
  lock(id: number, memberId: number): Promise<Conversation | null>;
  /** Newest activity first. `q` searches titles and contents, without case. */
  list(
    memberId: number,
    query: { limit: number; cursor?: string; q?: string },
  ): Promise<ConversationPage>;
  /** Changes the given fields, and `updated_at`. */
  update(id: number, fields: ConversationFields): Promise<void>;
  /**
   * Hides it from everybody at once, and leaves it and its messages to be erased later. Stops its queued answers.
   * Resolves to the running generations that must be stopped.
   */
  delete(id: number): Promise<number[]>;
  /** Members in the order in which they joined. */
  members(id: number): Promise<Member[]>;
  /** A conversation's state for a device; null for non-members. */
  view(query: ViewQuery): Promise<ConversationSnapshot | null>;
  /** The user's role; null for non-members. */
  role(id: number, userId: number): Promise<MemberRole | null>;
}
