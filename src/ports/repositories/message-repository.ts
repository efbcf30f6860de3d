import type { Message } from '../../contract/rest.js';
import type { Spoken } from '../../contract/spoken.js';
import type { ModelSettings, PromptMessage } from '../../entities/entities.js';

/** A question, and the requested answer. */
export interface NewTurn {
  conversationId: number;
  parentId: number | null;
  authorId: number;
  content: string;
  clientId: string | null;
  /** The model that the author named, if any. It is stored with the question. */
  askedModel: string | null;
  /** The model that answers. */
  model: string;
  /** The new title of the conversation; null leaves it unchanged. */
  title: string | null;
  /** Tokens that the answer reserves; none unless given. */
  reserved?: number;
  /** The call's `traceparent`. */
  trace?: string | null;
}

export interface StoredTurn {
  question: Message;
  answer: Message;
  generationId: number;
  /** The conversation's `updated_at`. */
  updatedAt: string;
}

/** The text of earlier attempts that an answer continues; empty if it begins. */
export interface Kept extends Spoken {
  /** How long the model reasoned; null if it did not, or if that is unknown. */
  ms: number | null;
}

/** The input of a model call. */
export interface PromptSource {
  settings: ModelSettings;
  history: PromptMessage[];
  /** The message above the history; null if the history begins at the root. */
  beyondId: number | null;
  kept: Kept;
}

export interface MessagePage {
  /** Oldest first. */
  messages: Message[];
  /** There are older messages on this branch. */
  hasMore: boolean;
}

export interface MessageRepository {
  /**
   * Stores a `completed` user message, an empty `queued` assistant message below it, and its generation. Makes the
   * answer the active leaf, and moves the conversation to the top of lists. One statement.
   */
  createTurn(turn: NewTurn): Promise<StoredTurn>;
  /** A user message by its author's key. */
  findByClientId(authorId: number, clientId: string): Promise<Message | null>;
  /** The first answer to a message; null if it has none. */
  firstAnswer(messageId: number): Promise<Message | null>;
  /** Finds a message as this member sees it; null for others. */
  find(id: number, memberId: number): Promise<Message | null>;
  /** Notes that a key asked for this answer. */
  askedBy(keyId: string, id: number): Promise<void>;
  /** Whether this key was the last to ask for the message. */
  isAskedBy(keyId: string, id: number): Promise<boolean>;
  /** Reads a message for the owner of a generation, without an asking user. */
  get(id: number): Promise<Message | null>;
  /** The text that an unfinished answer continues; empty if it begins or does not exist. */
  kept(id: number): Promise<Kept>;
  /** Those of the messages `ids` that are in the conversation, by ascending id. */
  findMany(conversationId: number, ids: readonly number[]): Promise<Message[]>;
  /**
   * Walks from `leafId` towards the root: at most `limit` messages, fewer beyond `LIMITS.pageBytes`, ending before
   * `afterId`.
   */
  branch(
    conversationId: number,
    leafId: number,
    query: { limit: number; afterId?: number },
  ): Promise<MessagePage>;
  /** The number of messages with a text from this one up to the root. */
  countUp(messageId: number): Promise<number>;
  /**
   * The settings of an answer's conversation, and the contents of its branch down to the question, as far as a model
   * should read them: the newest `messages`, fewer beyond `bytes`. One statement. Null: no such answer.
   */
  prompt(
    answerId: number,
    /** `recall`: with the reasoning and the vendor data of answers, null if there are none. */
    options: { messages: number; bytes: number; recall?: boolean },
  ): Promise<PromptSource | null>;
}
