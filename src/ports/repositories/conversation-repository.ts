import type {
  Conversation,
  ConversationAnswer,
  ConversationFields,
  ConversationFilter,
  ConversationMarks,
  Member,
  MemberRole,
  Message,
  SharedChanges,
} from '../../contract/rest.js';
import type { SearchPage, SearchQuery } from '../../contract/search.js';
import type { MessagePage } from './message-repository.js';

export interface ConversationPage {
  conversations: Conversation[];
  nextCursor: string | null;
}

export interface ListQuery {
  limit: number;
  cursor?: string;
  /** Searches titles and contents, without case. */
  q?: string;
  /** Default `active`. */
  filter?: ConversationFilter;
}

export interface SearchRequest extends SearchQuery {
  limit: number;
}

/** The fields of a conversation that differ for each of its members. */
export type Membership = Pick<
  Conversation,
  | 'my_role'
  | 'member_count'
  | 'member_names'
  | 'pinned'
  | 'archived'
  | 'unread_count'
  | 'read_message_id'
>;

/** `answer` of a conversation, for one of its members. */
export interface MemberAnswer {
  userId: number;
  conversationId: number;
  answer: ConversationAnswer | null;
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

/** A message of `others`. If all of these together exceed a page, the texts of ended answers are left out. */
export type OtherMessage = Omit<Message, 'content'> & { content: string | null };

/** One consistent state; `others` may be read a moment later. */
export interface ConversationSnapshot {
  conversation: Conversation;
  members: Member[];
  /** The end of the active branch. */
  page: MessagePage;
  /** The messages of `others` that are not on the page. */
  others: OtherMessage[];
}

export interface ConversationRepository {
  /** The creator becomes its owner. */
  create(
    ownerId: number,
    fields: ConversationFields & { title: string },
    isAutoTitle?: boolean,
  ): Promise<Conversation>;
  /** Finds a conversation as this member sees it; null for others. */
  find(id: number, memberId: number): Promise<Conversation | null>;
  /** Does what `find` does, and locks the row until the transaction ends. */
  lock(id: number, memberId: number): Promise<Conversation | null>;
  /** Newest activity first. */
  list(memberId: number, query: ListQuery): Promise<ConversationPage>;
  /** Messages and titles of this member that have all words, the newest first. */
  search(memberId: number, query: SearchRequest): Promise<SearchPage>;
  /** Changes the given fields, and `updated_at` in any case. */
  update(id: number, fields: SharedChanges): Promise<void>;
  /** The member's own marks; marks that are not given stay. */
  mark(id: number, memberId: number, marks: ConversationMarks): Promise<void>;
  /**
   * Hides the conversation from everybody at once, and leaves it and its messages to be erased after `LIMITS.undoMs`.
   * Stops its queued answers. Resolves to the running generations that must be stopped.
   */
  delete(id: number): Promise<number[]>;
  /** The user's role in a conversation that can be restored; null: none. Locks its row until the transaction ends. */
  removedRole(id: number, userId: number): Promise<MemberRole | null>;
  /** Undoes `delete`, with all members as they were. */
  restore(id: number): Promise<void>;
  /** Moves a member's read mark forward. Resolves to false if it is there or further. */
  readUpTo(id: number, memberId: number, messageId: number): Promise<boolean>;
  /** Members in the order in which they joined. */
  members(id: number): Promise<Member[]>;
  /** The fields that differ for each of its members. */
  memberships(id: number): Promise<(Membership & { userId: number })[]>;
  /** Finds the answer that each of these conversations has now, for each of its members. */
  answers(ids: readonly number[]): Promise<MemberAnswer[]>;
  /** A conversation's state for a device; null for non-members. */
  view(query: ViewQuery): Promise<ConversationSnapshot | null>;
  /** The user's role; null for non-members. */
  role(id: number, userId: number): Promise<MemberRole | null>;
}
