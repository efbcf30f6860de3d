import type { Message } from '../contract/rest.js';

/** What a repeated call is told apart by, and what came of the first. */
export interface Ask {
  userId: number;
  clientId: string;
  /** Equal for equal requests, and for no others. */
  request: string;
}

export interface NewAnswer {
  conversationId: number;
  parentId: number | null;
  /** Who asks. */
  userId: number;
  model: string;
}

export interface NewText {
  conversationId: number;
  parentId: number | null;
  role: 'user' | 'assistant';
  authorId: number | null;
  content: string;
  clientId: string | null;
  model: string | null;
  /** What the conversation is called from now on; null leaves its title. */
  title: string | null;
}

/** A message that became the active leaf of its conversation. */
export interface Placed {
  message: Message;
  /** Of the conversation. */
  updatedAt: string;
}

export interface Changed {
  /** Of the conversation. */
  updatedAt: string;
  /** The time of this change, in μs since the epoch: what its readers are told is known by it. */
  tree: number;
}

/** Branches of a conversation. Every call but `asked` needs the row lock of the conversation. */
export interface TreeRepository {
  /** The message that came of an ask, and what had been asked for. */
  asked(
    userId: number,
    clientId: string,
  ): Promise<{ request: string; conversationId: number; messageId: number } | null>;
  remember(ask: Ask, result: Pick<Message, 'id' | 'conversation_id'>): Promise<void>;
  /** Stores a queued answer with its generation below `parentId`, and makes it active. */
  createAnswer(answer: NewAnswer): Promise<Placed & { generationId: number }>;
  /** Stores a message that is complete, and makes it active. */
  createText(text: NewText): Promise<Placed>;
  /** Queues an answer that has ended once more, for its next attempt; its text stays, as what that begins with. */
  reopen(messageId: number, userId: number): Promise<{ message: Message; generationId: number }>;
  /**
   * Answers to a question, with those of their generations locked that are unfinished: none of them is claimed before
   * the transaction ends.
   */
  lockAnswers(conversationId: number, questionId: number): Promise<Message[]>;
  /** Another text of a question that waits, and another model for its answers. */
  rewrite(questionId: number, content: string, model: string | null): Promise<Message | null>;
  /** Answers below a message, itself included, that have not ended. */
  unfinishedBelow(conversationId: number, messageId: number): Promise<number[]>;
  /** Answers of the conversation that a node works on. */
  running(conversationId: number): Promise<number[]>;
  /** A generation goes before all others of its conversation that wait; these keep their order. */
  putFirst(conversationId: number, generationId: number): Promise<void>;
  /** The highest id below a message, or its own. */
  newestLeaf(conversationId: number, messageId: number): Promise<number>;
  /** A message and what is below it, ascending; at most `limit`. */
  below(conversationId: number, messageId: number, limit: number): Promise<number[]>;
  /** Marks messages as deleted; they are erased later. Resolves to generations that run and are to be stopped. */
  markDeleted(messageIds: readonly number[]): Promise<number[]>;
  /** Null: the conversation shows no message. Resolves to its time of change. */
  activate(conversationId: number, leafId: number | null): Promise<string>;
  /** The same after messages were changed or deleted. */
  changed(conversationId: number, leafId: number | null): Promise<Changed>;
}
