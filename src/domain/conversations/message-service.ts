import type { ErrorCode } from '../../contract/errors.js';
import type { AckData } from '../../contract/events.js';
import type { ChatBody, Conversation, Message } from '../../contract/rest.js';
import type { FinishedMessage } from '../../model/entities.js';
import { AppError } from '../../model/errors.js';
import type { LiveLog } from '../../ports/live-log.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database } from '../../ports/repositories.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { type AnswerFollower, endOf } from '../answers/follow.js';
import type { GenerationScheduler } from '../answers/generation-scheduler.js';
import type { ModelCatalog } from '../answers/model-catalog.js';
import type { Reservation } from '../answers/reservations.js';
import type { WaitingLine } from '../answers/waiting-line.js';
import type { DomainEvents } from '../events.js';
import type { Logger } from '../logger.js';
import type { Asker } from '../sessions/held-right.js';
import type { ConversationService } from './conversation-service.js';
import { type SendInput, type Stored, storeTurn } from './message-store.js';

export interface MessageServiceDeps {
  db: Database;
  log: LiveLog;
  notices: NodeNotices;
  events: DomainEvents;
  models: ModelCatalog;
  conversations: ConversationService;
  scheduler: Pick<GenerationScheduler, 'reserve'>;
  follower: AnswerFollower;
  line: WaitingLine;
  logger: Logger;
  telemetry: Telemetry;
}

export interface MessagePolicy {
  defaultModel: string;
  pendingPerUser: number;
}

/** Called when the turn is stored and before anything of it is announced: the place to join its room. */
type OnStored = (conversationId: number, answer: Message) => Promise<void>;

/** Limits that a send meets where it is stored, by the code that it gets. */
const LIMITED_BY: Partial<Record<ErrorCode, string>> = {
  rate_limited: 'pending',
  quota_exceeded: 'quota',
};

const BEGINNING = { attempt: 0, seq: 0 };

export class MessageService {
  #deps: MessageServiceDeps;
  #policy: MessagePolicy;

  constructor(deps: MessageServiceDeps, policy: MessagePolicy) {
    this.#deps = deps;
    this.#policy = policy;
  }

  /**
   * Stores a user message with the answer that it asks for, and sets that going. The same `clientId` and payload
   * again gives the first result. @throws AppError `not_found`, `forbidden`, `conflict`, `rate_limited`, `quota_exceeded`, `validation_failed`.
   */
  async send(
    asker: Asker,
    input: SendInput,
    onStored: OnStored = async () => {},
  ): Promise<AckData<'message:send'>> {
    this.#deps.models.check(input.model);
    const place = this.#deps.scheduler.reserve();
    try {
      const stored = await this.#store(asker, input, place);
      try {
        await onStored(stored.conversation.id, stored.assistantMessage);
      } finally {
        await this.#setGoing(asker.userId, stored, place);
      }
      return sentAs(stored);
    } finally {
      place.release();
    }
  }

  /** `send`, and waits until the answer has ended, or `signal` says why nobody may wait for it any more; it goes on then. */
  async chat(
    asker: Asker,
    body: ChatBody,
    signal: AbortSignal,
  ): Promise<{ conversation: Conversation; message: FinishedMessage }> {
    const input: SendInput = {
      content: body.message,
      conversationId: body.conversation_id,
      clientId: body.client_id,
      model: body.model,
    };
    const { conversation, assistant_message } = await this.send(asker, input);
    const { follower } = this.#deps;
    const items = follower.followStored(asker.userId, assistant_message, BEGINNING, signal);
    return { conversation, message: await endOf(items) };
  }

  async #store(asker: Asker, input: SendInput, place: Reservation): Promise<Stored> {
    const { db, telemetry } = this.#deps;
    try {
      return await db.transaction((tx) => storeTurn(tx, asker, input, { ...this.#policy, place }));
    } catch (error) {
      const limit = error instanceof AppError && LIMITED_BY[error.code];
      if (limit) telemetry.limited({ limit });
      throw error;
    }
  }

  /** What is stored will be answered whatever happens here: a failed announcement costs nobody the answer. */
  async #setGoing(userId: number, stored: Stored, place: Reservation): Promise<void> {
    if (stored.kind === 'repeated') return;
    await this.#announceMessages(stored);
    const begun = place.adopt();
    this.#deps.telemetry.questionStored({ conversation: stored.kind, begun });
    if (!begun) await this.#leaveToAll(stored.assistantMessage);
    await this.#announceConversation(userId, stored).catch((error: unknown) =>
      this.#unannounced(error, stored.conversation.id),
    );
  }

  async #announceMessages({ conversation, userMessage, assistantMessage }: Stored): Promise<void> {
    for (const message of [userMessage, assistantMessage]) {
      await this.#deps.log.publish(conversation.id, {
        name: 'message:created',
        payload: { message },
      });
    }
  }

  /** Its readers learn that it waits before any node can begin it. */
  async #leaveToAll({ id, conversation_id, attempt }: Message): Promise<void> {
    const key = { conversationId: conversation_id, messageId: id };
    await this.#deps.line
      .announce(key, attempt)
      .catch((error: unknown) => this.#unannounced(error, conversation_id));
    await this.#deps.notices.send({ type: 'work' });
  }

  async #announceConversation(userId: number, { conversation, kind }: Stored): Promise<void> {
    const { events, conversations } = this.#deps;
    if (kind === 'appended') await conversations.announceUpdate(userId, conversation);
    else events.emit('member', userId, { name: 'conversation:created', payload: { conversation } });
  }

  #unannounced(error: unknown, conversationId: number): void {
    this.#deps.logger.warn({ err: error, conversationId }, 'announcement failed');
  }
}

const sentAs = (stored: Stored): AckData<'message:send'> => ({
  conversation: stored.conversation,
  user_message: stored.userMessage,
  assistant_message: stored.assistantMessage,
});
