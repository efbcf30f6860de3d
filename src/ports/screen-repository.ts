import type { MessageStatus } from '../contract/rest.js';

/** The state of an answer that screens must show. */
export interface AnswerState {
  messageId: number;
  status: MessageStatus;
  attempt: number;
}

/** A recently changed conversation, as one user's list must show it. */
export interface ListChange {
  userId: number;
  conversationId: number;
  /** Its `updated_at` in ms since the epoch; null: it is gone. */
  version: number | null;
  /** Since it changed, by Postgres' clock. */
  ageMs: number;
  /** Its newest message. */
  newestId: number | null;
  /** When messages of it were last changed or deleted, in μs since the epoch, and how long ago; null: never. */
  tree: number | null;
  treeAgeMs: number | null;
}

/** The stored state of what nodes show. The cost grows with running answers and changes, not with open screens. */
export interface ScreenRepository {
  /** Those of the answers that exist. */
  answers(messageIds: readonly number[]): Promise<AnswerState[]>;
  /** Changes of the last `withinMs` in the lists of these users: created, active, edited, deleted. At most `limit`. */
  listChanges(withinMs: number, userIds: readonly number[], limit: number): Promise<ListChange[]>;
  /** Forgets at most `rows` of what no node looks at any more; returns how many. */
  prune(rows: number): Promise<number>;
}
