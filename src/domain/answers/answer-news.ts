import type { Database } from '../../ports/repositories/repositories.js';
import type { DomainEvents } from '../events.js';
import { createGrouped } from '../grouped.js';
import type { Logger } from '../logger.js';

interface NewsDeps {
  db: Pick<Database, 'conversations'>;
  events: DomainEvents;
  logger: Logger;
}

/** Conversations per look. Those that come meanwhile form the next one. */
const AT_ONCE = 100;

/** Tells the lists of a conversation's members which answer it has now. */
export class AnswerNews {
  #deps: NewsDeps;
  #tell: (conversationId: number) => Promise<void>;

  constructor(deps: NewsDeps) {
    this.#deps = deps;
    this.#tell = createGrouped((ids) => this.#look(ids), AT_ONCE);
  }

  /** Never rejects: an answer must not depend on what lists show. Lists that miss it ask by themselves. */
  async tell(conversationId: number): Promise<void> {
    await this.#tell(conversationId).catch((error: unknown) =>
      this.#deps.logger.warn({ err: error, conversationId }, 'lists were not told of an answer'),
    );
  }

  async #look(conversationIds: readonly number[]): Promise<void> {
    const { db, events } = this.#deps;
    for (const { userId, conversationId, answer } of await db.conversations.answers(
      conversationIds,
    )) {
      const payload = { conversation_id: conversationId, answer };
      events.emit('member', userId, { name: 'answer:changed', payload });
    }
  }
}
