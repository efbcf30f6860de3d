import type {
  ExportedConversation,
  ExportedKey,
  ExportedMessage,
  ExportedSession,
  ExportedUsage,
} from '../../contract/export.js';

/** All data stored about one user, in pages of ascending ids, so that nothing is held as a whole. */
export interface ExportRepository {
  /** All sessions of the user, oldest first. */
  sessions(userId: number): Promise<ExportedSession[]>;
  /** All keys of the user, oldest first. */
  keys(userId: number): Promise<ExportedKey[]>;
  /** Tokens by day, oldest first. */
  usage(userId: number): Promise<ExportedUsage[]>;
  /** The user's own conversations. */
  conversations(userId: number, afterId: number, limit: number): Promise<ExportedConversation[]>;
  /** One conversation, for a member; null for everybody else. */
  conversation(userId: number, id: number): Promise<ExportedConversation | null>;
  /** Ids of the branch that ends at this message, from its root on. */
  branch(conversationId: number, leafId: number): Promise<number[]>;
  /** Reads the messages of `ids` above `afterId`, ascending: fewer where their texts are long, never none. */
  some(conversationId: number, afterId: number, ids: readonly number[]): Promise<ExportedMessage[]>;
  /** Messages of all branches. */
  messages(conversationId: number, afterId: number, limit: number): Promise<ExportedMessage[]>;
}
