import type { ImportReport } from '../../contract/imports.js';
import type { MessageError, MessageRole, MessageStatus, Usage } from '../../contract/rest.js';

/** A message that was written elsewhere. */
export interface ImportedMessage {
  parent: number | null;
  role: MessageRole;
  isAuthor: boolean;
  status: MessageStatus;
  content: string;
  /** Null: none. */
  reasoning: string | null;
  model: string | null;
  finishReason: string | null;
  usage: Usage | null;
  error: MessageError | null;
  createdAt: Date;
  completedAt: Date | null;
}

export interface ImportedConversation {
  /** Equal for the same conversation of the same product, and for no other. */
  key: string;
  title: string;
  model: string | null;
  systemPrompt: string | null;
  temperature: number | null;
  maxTokens: number | null;
  pinned: boolean;
  archived: boolean;
  createdAt: Date;
  updatedAt: Date;
  lastMessageAt: Date;
  /** Parents first; `parent` is the position of a message in this list. */
  messages: ImportedMessage[];
  /** Position of the active leaf. */
  active: number;
}

/** The facts by which a conversation may be known. */
export interface ImportIdentity {
  key: string;
  /** Its id and time of creation, if it comes from a Parley. */
  own: { id: number; createdAt: Date } | null;
}

export type ImportState = Omit<ImportReport, 'id'>;
export interface UserImport extends ImportReport {
  userId: number;
}

/** Imports of conversations. A user has at most one that runs, on all nodes together. */
export interface ImportRepository {
  /** Null: one of the user's runs already. */
  create(userId: number): Promise<number | null>;
  /** Null for those of others. */
  find(id: number, userId: number): Promise<ImportReport | null>;
  /** Whether the user has that conversation, from an import or as their own. */
  isKnown(userId: number, identity: ImportIdentity): Promise<boolean>;
  /** Stores a conversation and counts it, in a transaction. False: the import does not run any more. */
  store(id: number, userId: number, conversation: ImportedConversation): Promise<boolean>;
  /** Keeps the counts so far, and shows that the import lives. False: it does not run any more. */
  update(id: number, state: ImportState): Promise<boolean>;
  /** Ends imports that nobody has worked on for so long. */
  giveUp(silentMs: number, error: MessageError): Promise<UserImport[]>;
  /** Forgets at most `rows` that ended long ago; returns how many. */
  prune(rows: number): Promise<number>;
}
