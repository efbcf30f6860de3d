import { BEGINNING, type Cursor } from '../../contract/events.js';
import type { Message } from '../../contract/rest.js';
import type { AnswerFollower } from '../../domain/answers/follow.js';
import { completedPayload } from '../../domain/answers/outcome.js';
import type { Logger } from '../../domain/logger.js';
import { AppError } from '../../entities/errors.js';
import type { KeepUp } from '../rooms/keep-up.js';
import type { ParleySocket } from '../types.js';

export interface AnswerFeedsDeps {
  follower: Pick<AnswerFollower, 'followStored'>;
  keepUp: Pick<KeepUp, 'wait'>;
  logger: Logger;
}

/** Answers that one socket follows. A user may not have as many unfinished. */
const MOST = 100;

/**
 * Feeds sockets of keys that may not read conversations: each gets the answers that it asked for, and no rooms. A
 * socket that reads slowly gets several deltas as one; its client then asks for what it lacks, as after any other gap.
 */
export class AnswerFeeds {
  readonly #deps: AnswerFeedsDeps;
  readonly #feeds = new WeakMap<ParleySocket, Map<number, AbortController>>();

  constructor(deps: AnswerFeedsDeps) {
    this.#deps = deps;
  }

  /** Sends the text that `cursor` lacks, up to the end. Runs once at a time for each answer. */
  follow(socket: ParleySocket, answer: Message, cursor = BEGINNING): void {
    const feeds = this.#feedsOf(socket);
    if (!socket.connected || feeds.has(answer.id) || feeds.size >= MOST) return;
    const end = new AbortController();
    feeds.set(answer.id, end);
    void this.#send(socket, answer, cursor, end.signal)
      .catch((err: unknown) => {
        // The answer was deleted, or its reader has gone.
        if (end.signal.aborted || err instanceof AppError) return;
        this.#deps.logger.error({ err, socketId: socket.id }, 'answer not followed');
      })
      .finally(() => feeds.delete(answer.id));
  }

  async #send(
    socket: ParleySocket,
    answer: Message,
    cursor: Cursor,
    signal: AbortSignal,
  ): Promise<void> {
    const { follower, keepUp } = this.#deps;
    const { userId } = socket.data.principal;
    for await (const item of follower.followStored(userId, answer, cursor, signal)) {
      await keepUp.wait(socket);
      if (item.kind === 'end') {
        socket.emit('message:completed', completedPayload(item.message, answer.model));
        return;
      }
      const { kind: _, fromSeq: _from, ...delta } = item;
      const ids = { conversation_id: answer.conversation_id, message_id: answer.id };
      socket.emit('message:delta', { ...ids, ...delta });
    }
  }

  #feedsOf(socket: ParleySocket): Map<number, AbortController> {
    const known = this.#feeds.get(socket);
    if (known) return known;
    const feeds = new Map<number, AbortController>();
    this.#feeds.set(socket, feeds);
    socket.once('disconnect', () => {
      for (const feed of feeds.values()) feed.abort();
    });
    return feeds;
  }
}
