import type { ErrorCode } from '../../../contract/errors.js';
import type { Message } from '../../../contract/rest.js';
import { AppError } from '../../../entities/errors.js';
import { keyIdOf } from '../../../entities/key-sessions.js';
import { type LiveLog, logKeyOf } from '../../../ports/live-log.js';
import type { NodeNotices } from '../../../ports/node-notices.js';
import type { Database, Repositories } from '../../../ports/repositories/repositories.js';
import type { LimitName, Telemetry } from '../../../ports/telemetry.js';
import type { AnswerPlace } from '../../answers/claims/answer-places.js';
import type { WaitingLine } from '../../answers/claims/waiting-line.js';
import type { GenerationService } from '../../answers/generation-service.js';
import type { GenerationScheduler } from '../../answers/running/generation-scheduler.js';
import type { DomainEvents } from '../../events.js';
import type { Logger } from '../../logger.js';
import type { Asker } from '../../rights/held-right.js';
import type { ConversationService } from '../conversation-service.js';
import type { AskPolicy, Stored } from './ask.js';

export interface AskingDeps {
  db: Database;
  log: LiveLog;
  notices: NodeNotices;
  events: DomainEvents;
  conversations: ConversationService;
  generations: Pick<GenerationService, 'carryOut'>;
  scheduler: Pick<GenerationScheduler, 'reserve'>;
  line: WaitingLine;
  logger: Logger;
  telemetry: Telemetry;
}

export interface AskingPolicy extends Omit<AskPolicy, 'place'> {
  leaseMs: number;
}

/** Called when everything is stored and nothing is announced yet: the moment to join the room. */
export type OnStored = (conversationId: number, answer: Message | null) => Promise<void>;

/** Limits that apply while an ask is stored, by their error codes. */
const LIMITED_BY: Partial<Record<ErrorCode, LimitName>> = {
  rate_limited: 'pending',
  quota_exceeded: 'quota',
};

/** A key without the scope to read may read this answer later. */
async function rememberKey(
  tx: Pick<Repositories, 'messages'>,
  sessionId: string,
  { kind, answer }: Stored,
): Promise<void> {
  const keyId = keyIdOf(sessionId);
  if (keyId !== null && answer && kind !== 'repeated') await tx.messages.askedBy(keyId, answer.id);
}

/** Stores everything that a call asks for in one transaction, then begins it, whatever happens to the call. */
export class Asking {
  #deps: AskingDeps;
  #policy: AskingPolicy;

  constructor(deps: AskingDeps, policy: AskingPolicy) {
    this.#deps = deps;
    this.#policy = policy;
  }

  async run(
    { userId, sessionId }: Asker,
    store: (tx: Repositories, policy: AskPolicy & AskingPolicy) => Promise<Stored>,
    onStored: OnStored = async () => {},
  ): Promise<Stored> {
    const { scheduler } = this.#deps;
    const place = scheduler.reserve();
    try {
      const stored = await this.#store(async (tx) => {
        const made = await store(tx, { ...this.#policy, place });
        await rememberKey(tx, sessionId, made);
        return made;
      });
      try {
        await onStored(stored.conversation.id, stored.answer);
      } finally {
        await this.#setGoing(userId, stored, place);
      }
      return stored;
    } finally {
      place.release();
    }
  }

  async #store(work: (tx: Repositories) => Promise<Stored>): Promise<Stored> {
    const { db, telemetry } = this.#deps;
    try {
      return await db.transaction(work);
    } catch (error) {
      const limit = error instanceof AppError && LIMITED_BY[error.code];
      if (limit) telemetry.limited({ limit });
      throw error;
    }
  }

  /** A stored question is answered in any case: a failed announcement must not cost anybody the answer. */
  async #setGoing(userId: number, stored: Stored, place: AnswerPlace): Promise<void> {
    if (stored.kind === 'repeated') return;
    const { log, generations } = this.#deps;
    const { conversation, answer, isAsked } = stored;
    for (const event of stored.news) await log.publish(conversation.id, event);
    if (answer && isAsked) await this.#begin(stored.kind, answer, place);
    await Promise.all(stored.stops.map((stop) => generations.carryOut(stop))).catch(
      (error: unknown) => this.#unannounced(error, conversation.id),
    );
    await this.#announceConversation(userId, stored).catch((error: unknown) =>
      this.#unannounced(error, conversation.id),
    );
  }

  async #begin(
    conversation: 'created' | 'appended',
    answer: Message,
    place: AnswerPlace,
  ): Promise<void> {
    const begun = place.adopt();
    this.#deps.telemetry.questionStored({ conversation, begun });
    if (!begun) await this.#leaveToAll(answer);
  }

  /** The readers of the answer learn that it waits before any node can begin it. */
  async #leaveToAll(answer: Message): Promise<void> {
    await this.#deps.line
      .announce(logKeyOf(answer), answer.attempt)
      .catch((error: unknown) => this.#unannounced(error, answer.conversation_id));
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
