import type { Message } from '../../../contract/rest.js';
import type { Principal } from '../../../entities/entities.js';
import { forbidden, notFound } from '../../../entities/errors.js';
import { keyIdOf } from '../../../entities/key-sessions.js';
import type { MessageRepository } from '../../../ports/repositories/message-repository.js';
import { readsAll } from '../../sessions/scopes.js';

/** Tells which messages a program may read. */
export class KeyAnswers {
  readonly #messages: Pick<MessageRepository, 'find' | 'isAskedBy'>;

  constructor(messages: Pick<MessageRepository, 'find' | 'isAskedBy'>) {
    this.#messages = messages;
  }

  /**
   * A message that the caller may read.
   * @throws AppError `not_found`, also for messages of others; `forbidden` for a key that reads only answers that it
   * asked for
   */
  async require(principal: Principal, messageId: number): Promise<Message> {
    const message = await this.#messages.find(messageId, principal.userId);
    if (!message) throw notFound();
    if (readsAll(principal)) return message;
    const keyId = keyIdOf(principal.sessionId);
    if (keyId === null || !(await this.#messages.isAskedBy(keyId, messageId))) throw forbidden();
    return message;
  }
}
