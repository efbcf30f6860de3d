import type { LiveLog, LogKey } from '../../../ports/live-log.js';
import type { Database } from '../../../ports/repositories/repositories.js';

interface LineDeps {
  db: Pick<Database, 'generations'>;
  log: LiveLog;
}

/** The positions in line of answers that wait, as `GenerationRepository.positions` counts them. */
export class WaitingLine {
  #deps: LineDeps;
  #perUser: number;

  /** `perUser`: most running answers per user. */
  constructor(deps: LineDeps, perUser: number) {
    this.#deps = deps;
    this.#perUser = perUser;
  }

  /** Finds the positions of messages, without answers that do not wait. */
  async positions(messageIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const places = await this.#deps.db.generations.positions(messageIds, this.#perUser);
    return new Map(places.map(({ messageId, position }) => [messageId, position]));
  }

  /** Tells the readers of an answer that it waits, and its position in line. Does nothing if it does not wait. */
  async announce({ conversationId, messageId }: LogKey, attempt: number): Promise<void> {
    const position = (await this.positions([messageId])).get(messageId);
    if (position === undefined) return;
    await this.#deps.log.publish(conversationId, {
      name: 'message:status',
      payload: {
        conversation_id: conversationId,
        message_id: messageId,
        status: 'queued',
        attempt,
        position,
      },
    });
  }
}
