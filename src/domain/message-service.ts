import type { AckData } from '../contract/events.js';
import type { ChatBody, Conversation, Message } from '../contract/rest.js';
import type { LiveLog, NodeNotices } from '../ports/engine.js';
import type { Database, Repositories } from '../ports/repositories.js';
import type { AnswerWatch, WatchedAnswer } from './answer-watch.js';
import type { ConversationService } from './conversation-service.js';
import type { Claim, FinishedMessage } from './entities.js';
import type { DomainEvents } from './events.js';
import type { GenerationScheduler } from './generation-scheduler.js';
import type { Logger } from './logger.js';
import { type SendInput, type Stored, storeTurn } from './message-store.js';
import type { ModelCatalog } from './model-catalog.js';

export interface MessageServiceDeps {
  db: Database;
  log: LiveLog;
  notices: NodeNotices;
  events: DomainEvents;
  models: ModelCatalog;
  conversations: ConversationService;
  scheduler: GenerationScheduler;
  watch: AnswerWatch;
  logger: Logger;
}

export interface MessagePolicy {
  defaultModel: string;
  pendingPerUser: number;
}

/** Called when the turn is stored and before anything of it is announced: the place to join its room. */
type OnStored = (conversationId: number, answer: Message) => Promise<void>;

export class MessageService {
  #deps: MessageServiceDeps;
  #policy: MessagePolicy;

  constructor(deps: MessageServiceDeps, policy: MessagePolicy) {
    this.#deps = deps;
    this.#policy = policy;
  }

  /**
   * Stores a user message with the answer that it asks for, and sets that going. The same `clientId` and payload
   * again gives the first result. @throws AppError `not_found`, `forbidden`, `conflict`, `rate_limited`, `validation_failed`.
   */
  async send(
    userId: number,
    input: SendInput,
    onStored: OnStored = async () => {},
  ): Promise<AckData<'message:send'>> {
    this.#deps.models.check(input.model);
    const stored = await this.#store(userId, input);
    try {
      await onStored(stored.conversation.id, stored.assistantMessage);
    } finally {
      await this.#setGoing(userId, stored);
    }
    return {
      conversation: stored.conversation,
      user_message: stored.userMessage,
      assistant_message: stored.assistantMessage,
    };
  }

  /** `send`, and waits until the answer has ended. */
  async chat(
    userId: number,
    body: ChatBody,
  ): Promise<{ conversation: Conversation; message: FinishedMessage }> {
    const input: SendInput = {
      content: body.message,
      conversationId: body.conversation_id,
      clientId: body.client_id,
      model: body.model,
    };
    let watched: WatchedAnswer | undefined;
    const sent = await this.send(userId, input, async (_, answer) => {
      watched = await this.#deps.watch.begin(answer);
    });
    watched ??= await this.#deps.watch.begin(sent.assistant_message);
    return { conversation: sent.conversation, message: await watched.ended };
  }

  async #store(userId: number, input: SendInput): Promise<Stored> {
    const { db, scheduler } = this.#deps;
    const claims: Claim[] = [];
    const claim = async (tx: Repositories, messageId: number) => {
      const won = await scheduler.claimWithin(tx, messageId);
      if (won) claims.push(won);
      return won;
    };
    try {
      return await db.transaction((tx) => storeTurn(tx, userId, input, { ...this.#policy, claim }));
    } catch (error) {
      for (const won of claims) scheduler.forfeit(won);
      throw error;
    }
  }

  /** What is stored will be answered whatever happens here: a failed announcement costs nobody the answer. */
  async #setGoing(userId: number, stored: Stored): Promise<void> {
    if (stored.kind === 'repeated') return;
    const { scheduler, notices, logger } = this.#deps;
    await this.#announce(userId, stored).catch((error: unknown) =>
      logger.warn({ err: error, conversationId: stored.conversation.id }, 'announcement failed'),
    );
    if (stored.claim) scheduler.adopt(stored.claim);
    else await notices.send({ type: 'work' });
  }

  async #announce(userId: number, stored: Stored): Promise<void> {
    const { log, events, conversations } = this.#deps;
    const { conversation, userMessage, assistantMessage } = stored;
    for (const message of [userMessage, assistantMessage]) {
      await log.publish(conversation.id, { name: 'message:created', payload: { message } });
    }
    if (stored.kind === 'appended') await conversations.announceUpdate(conversation);
    else events.emit('member', userId, { name: 'conversation:created', payload: { conversation } });
    if (!stored.claim) await this.#announceQueued(assistantMessage);
  }

  async #announceQueued(message: Message): Promise<void> {
    const { db, log } = this.#deps;
    const position = await db.generations.position(message.id);
    if (position === null) return;
    await log.publish(message.conversation_id, {
      name: 'message:status',
      payload: {
        conversation_id: message.conversation_id,
        message_id: message.id,
        status: 'queued',
        attempt: message.attempt,
        position,
      },
    });
  }
}
