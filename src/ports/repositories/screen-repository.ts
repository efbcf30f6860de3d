import type { MessageStatus } from '../../contract/rest.js';

/** The state of an answer that screens must show. */
export interface AnswerState {
  messageId: number;
  status: MessageStatus;
  attempt: number;
}

/** A recently changed conversation, as a user's list must show it. */
export interface ListChange {
  userId: number;
  conversationId: number;
  /** The conversation's `updated_at` in ms since the epoch; null if it is gone. */
  version: number | null;
  /** Ms since the change, by Postgres' clock. */
  ageMs: number;
  /** The conversation's newest message. */
  newestId: number | null;
  /** When its messages were last changed or deleted, in μs since the epoch, and how long ago in ms; null: never. */
  tree: number | null;
  treeAgeMs: number | null;
}

/**
 * The stored state of the things that nodes show. The cost grows with running answers and changes, not with open
 * screens.
 */
export interface ScreenRepository {
  /** The states of those of the answers that exist. */
  answers(messageIds: readonly number[]): Promise<AnswerState[]>;
  /** Changes of the last `withinMs` in the lists of these users: created, active, edited, deleted. At most `limit`. */
  listChanges(withinMs: number, userIds: readonly number[], limit: number): Promise<ListChange[]>;
  /** Deletes at most `rows` that no node reads any more. Returns their number. */
  prune(rows: number): Promise<number>;
}
