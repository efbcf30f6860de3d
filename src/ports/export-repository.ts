import type {
  ExportedConversation,
  ExportedMessage,
  ExportedSession,
  ExportedUsage,
} from '../contract/export.js';

/** All that is kept of one user, in pages of ascending ids, so that nothing has to be held as a whole. */
export interface ExportRepository {
  sessions(userId: number): Promise<ExportedSession[]>;
  usage(userId: number): Promise<ExportedUsage[]>;
  /** Those that the user owns. */
  conversations(userId: number, afterId: number, limit: number): Promise<ExportedConversation[]>;
  /** Of all branches. */
  messages(conversationId: number, afterId: number, limit: number): Promise<ExportedMessage[]>;
}
