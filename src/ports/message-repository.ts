import type { Message } from '../contract/rest.js';
import type { ModelSettings, PromptMessage } from '../model/entities.js';

/** A question, and the requested answer. */
export interface NewTurn {
  conversationId: number;
  parentId: number | null;
  authorId: number;
  content: string;
  clientId: string | null;
  /** Kept with the question: what its author named, if anything. */
  askedModel: string | null;
  /** That is to answer. */
  model: string;
  /** What the conversation is called from now on; null leaves its title. */
  title: string | null;
}

export interface StoredTurn {
  question: Message;
  answer: Message;
  generationId: number;
  /** Of the conversation. */
  updatedAt: string;
}

/** The input of a model call. */
export interface PromptSource {
  settings: ModelSettings;
  history: PromptMessage[];
  /** Text of earlier attempts with which the answer goes on; empty: it begins. */
  kept: string;
}

export interface MessagePage {
  /** Oldest first. */
  messages: Message[];
  /** There are older messages on this branch. */
  hasMore: boolean;
}

export interface MessageRepository {
  /**
   * Stores a user message, `completed`, an empty assistant message below it, `queued`, and its generation; makes the
   * answer the active leaf and moves the conversation up. One statement.
   */
  createTurn(turn: NewTurn): Promise<StoredTurn>;
  /** A user message by its author's key, with the answer that was first made to it, and what was asked for. */
  findByClientId(authorId: number, clientId: string): Promise<Message | null>;
  firstAnswer(messageId: number): Promise<Message | null>;
  /** As this member sees it; null for everybody else. */
  find(id: number, memberId: number): Promise<Message | null>;
  /** For the owner of a generation, without an asking user. */
  get(id: number): Promise<Message | null>;
  /** Text with which an unfinished answer goes on; empty: it begins, or is gone. */
  kept(id: number): Promise<string>;
  /** Those of `ids` that lie in the conversation. */
  findMany(conversationId: number, ids: readonly number[]): Promise<Message[]>;
  /** Walks from `leafId` towards the root: at most `limit`, fewer beyond `LIMITS.pageBytes`, ending before `afterId`. */
  branch(
    conversationId: number,
    leafId: number,
    query: { limit: number; afterId?: number },
  ): Promise<MessagePage>;
  /**
   * The settings of an answer's conversation, and the contents from the root's side down to the answer's question: the
   * newest `messages`, fewer once they have `bytes`, only what a model should read. One statement. Null: no such answer.
   */
  prompt(answerId: number, most: { messages: number; bytes: number }): Promise<PromptSource | null>;
}
