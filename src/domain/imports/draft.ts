import type { NoteReason } from '../../contract/imports.js';
import type { MessageError, MessageRole, MessageStatus, Usage } from '../../contract/rest.js';

/** A message of a foreign tree. `role` is null for nodes that readers do not see: their children move up. */
export interface DraftNode {
  id: string;
  parent: string | null;
  role: MessageRole | null;
  text: string;
  reasoning: string;
  model: string | null;
  /** Ms since the epoch. */
  at: number | null;
  /** Its position among the children of its parent, if the file tells it. */
  rank?: number;
  /** Fields that only Parley's own files have. */
  own?: OwnFields;
}

export interface OwnFields {
  status: MessageStatus;
  finishReason: string | null;
  usage: Usage | null;
  error: MessageError | null;
  completedAt: number | null;
  /** Whether the person who exported it wrote it. */
  isAuthor: boolean;
}

export type ImportSource = 'parley' | 'chatgpt' | 'librechat' | 'open-webui';

/** A conversation as its file has it: nothing is checked or in order yet. */
export interface Draft {
  source: ImportSource;
  /** The conversation's identity in the file; null: it has none. */
  id: string | null;
  title: string;
  createdAt: number | null;
  updatedAt: number | null;
  model: string | null;
  systemPrompt: string | null;
  temperature: number | null;
  maxTokens: number | null;
  pinned: boolean;
  archived: boolean;
  nodes: DraftNode[];
  /** The node that was shown last. */
  active: string | null;
  /** Answers that follow one another are one answer to the reader. */
  mergesAnswers: boolean;
  /** The id of a conversation that Parley exported, which may be here already; null: another product's. */
  ownId: number | null;
  notes: Set<NoteReason>;
}
