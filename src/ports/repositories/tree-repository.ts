import type { Message } from '../../contract/rest.js';

/** The key of a call that may be repeated, and its request. */
export interface Ask {
  userId: number;
  clientId: string;
  /** Equal for equal requests only. */
  request: string;
}

export interface NewAnswer {
  conversationId: number;
  parentId: number | null;
  /** The user who asks. */
  userId: number;
  model: string;
  /** Tokens that the answer reserves. */
  reserved: number;
  /** The call's `traceparent`. */
  trace?: string | null;
}

export interface NewText {
  conversationId: number;
  parentId: number | null;
  role: 'user' | 'assistant';
  authorId: number | null;
  /** The user who stores it. */
  userId: number;
  content: string;
  clientId: string | null;
  model: string | null;
  /** The new title of the conversation; null leaves it unchanged. */
  title: string | null;
}

/** A message that became the active leaf of its conversation. */
export interface Placed {
  message: Message;
  /** The conversation's `updated_at`. */
  updatedAt: string;
}

export interface Changed {
  /** The conversation's `updated_at`. */
  updatedAt: string;
  /** The time of this change, in μs since the epoch. Events about the change carry it. */
  tree: number;
}

/** `hasText`: it has a text, or will continue one. `generationId` is null for an answer that has ended. */
export interface LockedAnswer extends Message {
  hasText: boolean;
  generationId: number | null;
}

/** Branches of a conversation. Every call but `asked` needs the row lock of the conversation. */
export interface TreeRepository {
  /** The message that an earlier ask produced, and its request; null if there was none. */
  asked(
    userId: number,
    clientId: string,
  ): Promise<{ request: string; conversationId: number; messageId: number } | null>;
  /** Forgets at most `rows` keys of calls whose messages were erased long ago. Returns their number. */
  prune(rows: number): Promise<number>;
  /** Stores the result of an ask under its key. */
  remember(ask: Ask, result: Pick<Message, 'id' | 'conversation_id'>): Promise<void>;
  /** Stores a queued answer with its generation below `parentId`, and makes it active. */
  createAnswer(answer: NewAnswer): Promise<Placed & { generationId: number }>;
  /** Stores a completed message, and makes it active. */
  createText(text: NewText): Promise<Placed>;
  /**
   * Queues an ended answer again, for its next attempt, which begins with the existing text, and reserves these tokens
   * for it. `trace`: the `traceparent` of the call.
   */
  reopen(
    messageId: number,
    userId: number,
    reserved: number,
    trace?: string | null,
  ): Promise<{ message: Message; generationId: number }>;
  /**
   * The answers to a question, with the generations of unfinished ones locked: none of these is claimed before the
   * transaction ends.
   */
  lockAnswers(conversationId: number, questionId: number): Promise<LockedAnswer[]>;
  /** Replaces the text of a question that waits, and the model of its answers. */
  rewrite(questionId: number, content: string, model: string | null): Promise<Message | null>;
  /** Unfinished answers below a message, including itself. */
  unfinishedBelow(conversationId: number, messageId: number): Promise<number[]>;
  /** Answers of the conversation that a node runs. None that waits is claimed before the transaction ends. */
  running(conversationId: number): Promise<number[]>;
  /** Puts a generation before all others of its conversation that wait. These keep their order. */
  putFirst(conversationId: number, generationId: number): Promise<void>;
  /** The highest id below a message, or its own. */
  newestLeaf(conversationId: number, messageId: number): Promise<number>;
  /** A message and everything below it, in ascending order; at most `limit`. */
  below(conversationId: number, messageId: number, limit: number): Promise<number[]>;
  /** Marks messages as deleted; they are erased later. Resolves to the running generations that must be stopped. */
  markDeleted(messageIds: readonly number[]): Promise<number[]>;
  /** Makes a leaf active; null: the conversation shows no message. Resolves to the conversation's `updated_at`. */
  activate(conversationId: number, leafId: number | null): Promise<string>;
  /** The same after messages were changed or deleted. */
  changed(conversationId: number, leafId: number | null): Promise<Changed>;
}
