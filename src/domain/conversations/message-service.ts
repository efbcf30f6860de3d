import { type AckData, type Answered, BEGINNING } from '../../contract/events.js';
import type { ChatBody, Conversation, Message } from '../../contract/rest.js';
import type { FinishedMessage } from '../../entities/entities.js';
import { notFound, rateLimited } from '../../entities/errors.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { type AnswerFollower, endOf } from '../answers/follow.js';
import type { ModelCatalog } from '../answers/model/model-catalog.js';
import type { Asker } from '../rights/held-right.js';
import { type AgainInput, storeContinue, storeRegenerate } from './asks/again.js';
import type { AskPolicy, Stored } from './asks/ask.js';
import type { Asking, OnStored } from './asks/asking.js';
import { type EditInput, storeEdit } from './asks/edit.js';
import { type SendInput, storeTurn } from './asks/send.js';

export interface MessageServiceDeps {
  db: Pick<Database, 'messages'>;
  models: ModelCatalog;
  asking: Asking;
  follower: AnswerFollower;
}

type Sent = AckData<'message:send'>;

/**
 * A caller that knows the conversation of the message saves a lookup. Both are checked again when the call is stored.
 */
type Placed<T extends { conversationId: number }> = Omit<T, 'conversationId'> &
  Partial<Pick<T, 'conversationId'>>;

/**
 * All calls that ask a model, or that store a message without asking. The same key and payload return the first
 * result.
 */
export class MessageService {
  #deps: MessageServiceDeps;

  constructor(deps: MessageServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Stores a user message with its answer, and begins the answer.
   * @throws AppError `not_found`, `forbidden`, `conflict`, `rate_limited`, `quota_exceeded`, `validation_failed`
   */
  async send(asker: Asker, given: SendInput, onStored?: OnStored): Promise<Sent> {
    const { asking } = this.#deps;
    const input = this.#named(given);
    const store = asking.run(asker, (tx, policy) => storeTurn(tx, asker, input, policy), onStored);
    return questionOf(await store);
  }

  /** `send`, then waits until the answer has ended or `signal` aborts. After an abort the answer continues. */
  async chat(
    asker: Asker,
    body: ChatBody,
    signal: AbortSignal,
  ): Promise<{ conversation: Conversation; message: FinishedMessage }> {
    const sent = await this.ask(asker, body);
    const { follower } = this.#deps;
    const items = follower.followStored(asker.userId, sent.assistant_message, BEGINNING, signal);
    return { conversation: sent.conversation, message: await endOf(items) };
  }

  /** `send` for a message that always asks. */
  async ask(asker: Asker, body: ChatBody): Promise<Answered<Sent>> {
    const input: SendInput = {
      content: body.message,
      conversationId: body.conversation_id,
      clientId: body.client_id,
      model: body.model,
      answer: true,
    };
    return answerOf(await this.send(asker, input));
  }

  /** `send` for a message that asks, stored only if its answer begins here at once. @throws AppError `rate_limited` */
  async askNow(asker: Asker, given: SendInput, onStored: OnStored): Promise<Answered<Sent>> {
    const input = this.#named({ ...given, answer: true });
    const stored = await this.#deps.asking.run(
      asker,
      (tx, policy) => storeTurn(tx, asker, input, { ...policy, place: onlyNow(policy) }),
      onStored,
    );
    return answerOf(questionOf(stored));
  }

  /** Stores another text as a sibling, or in place of a question that waits. @throws AppError as `send` does */
  async edit(asker: Asker, input: Placed<EditInput>, onStored?: OnStored): Promise<Sent> {
    const { asking } = this.#deps;
    const located = await this.#located(asker, this.#named(input));
    const store = asking.run(
      asker,
      (tx, policy) => storeEdit(tx, asker, located, policy),
      onStored,
    );
    return questionOf(await store);
  }

  /** Another answer to the same question. @throws AppError as `send` does */
  async regenerate(
    asker: Asker,
    input: Placed<AgainInput>,
    onStored?: OnStored,
  ): Promise<AckData<'message:regenerate'>> {
    const { asking } = this.#deps;
    const located = await this.#located(asker, this.#named(input));
    const { conversation, answer } = await asking.run(
      asker,
      (tx, policy) => storeRegenerate(tx, asker, located, policy),
      onStored,
    );
    return { conversation, ...answerOf({ assistant_message: answer }) };
  }

  /** Continues the same answer. @throws AppError as `send` does; `conflict` if it runs or is complete */
  async continue(
    asker: Asker,
    input: Placed<Omit<AgainInput, 'model'>>,
    onStored?: OnStored,
  ): Promise<AckData<'message:continue'>> {
    const located = await this.#located(asker, input);
    const { answer } = await this.#deps.asking.run(
      asker,
      (tx, policy) => storeContinue(tx, asker, located, policy),
      onStored,
    );
    return answerOf({ assistant_message: answer });
  }

  /** @throws AppError `not_found`, also for messages of others */
  async conversationOf(userId: number, messageId: number): Promise<number> {
    const message = await this.#deps.db.messages.find(messageId, userId);
    if (!message) throw notFound();
    return message.conversation_id;
  }

  /** Replaces the alias of a model by its id. @throws AppError `validation_failed` */
  #named<T extends { model?: string | undefined }>(input: T): T {
    const model = this.#deps.models.resolve(input.model);
    return model === input.model ? input : { ...input, model };
  }

  async #located<T extends Placed<{ messageId: number; conversationId: number }>>(
    { userId }: Asker,
    input: T,
  ): Promise<T & { conversationId: number }> {
    const { messageId, conversationId } = input;
    return {
      ...input,
      conversationId: conversationId ?? (await this.conversationOf(userId, messageId)),
    };
  }
}

const RETRY_AFTER_MS = 1_000;

/** An answer that would have to wait is not stored. */
const onlyNow = ({ place }: AskPolicy): AskPolicy['place'] => ({
  async claim(tx, generationId) {
    const claim = await place.claim(tx, generationId);
    if (!claim) throw rateLimited(RETRY_AFTER_MS);
    return claim;
  },
});

const questionOf = ({ conversation, question, answer }: Stored): Sent => {
  if (!question) throw notFound();
  return { conversation, user_message: question, assistant_message: answer };
};

function answerOf<T extends { assistant_message: Message | null }>(sent: T): Answered<T> {
  if (!sent.assistant_message) throw notFound();
  return sent as Answered<T>;
}
