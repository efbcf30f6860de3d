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
  /** Who looks. */
  memberId: number;
  /** Of the page. */
  limit: number;
  /** The page ends before this message. */
  afterId?: number;
  /** Of the branch that is read instead of the active one. */
  leafId?: number;
  /** Messages of the conversation that are wanted wherever they are. */
  others: readonly number[];
}

/** Without its text where all of them have more than a page; then it is an answer that has ended. */
export type OtherMessage = Omit<Message, 'content'> & { content: string | null };

/** All of one moment. */
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
  /** As this member sees it; null for everybody else. */
  find(id: number, memberId: number): Promise<Conversation | null>;
  /** `find`, and holds the row lock until the transaction ends. */
  lock(id: number, memberId: number): Promise<Conversation | null>;
  /** Newest activity first. `q` searches titles and contents, without case. */
  list(
    memberId: number,
    query: { limit: number; cursor?: string; q?: string },
  ): Promise<ConversationPage>;
  update(id: number, fields: ConversationFields): Promise<void>;
  /**
   * It is gone for everybody at once, and erased later with its messages. What waits in it is stopped. Resolves to the
   * generations that run and are to be stopped.
   */
  delete(id: number): Promise<number[]>;
  members(id: number): Promise<Member[]>;
  /** What a device shows of a conversation, all of one moment; null for everybody but its members. */
  view(query: ViewQuery): Promise<ConversationSnapshot | null>;
  role(id: number, userId: number): Promise<MemberRole | null>;
}
