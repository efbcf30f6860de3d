import { type Finished, type FollowedAnswer, isFinished } from '../../../entities/entities.js';
import { isUnavailable, notFound } from '../../../entities/errors.js';
import type { LiveLog } from '../../../ports/live-log.js';

export interface WatchedAnswer<A extends FollowedAnswer> {
  /**
   * Waits out an outage of Postgres.
   * @throws AppError `not_found` if the answer is deleted, or hidden from its reader
   */
  ended: Promise<Finished<A>>;
  /** Gives up; `ended` then never settles. Idempotent. */
  close(): void;
}

/** Interval of checks in Postgres, because an announcement can be lost with its node. */
const RECHECK_MS = 3_000;

/** Waits for the end of answers, on whichever node they run. */
export class AnswerWatch {
  #log: Pick<LiveLog, 'subscribe'>;

  constructor(log: Pick<LiveLog, 'subscribe'>) {
    this.#log = log;
  }

  /**
   * Resolves when the end can no longer be missed. `read` reads the answer from Postgres, for a reader that may see
   * it.
   */
  async begin<A extends FollowedAnswer>(
    answer: Pick<A, 'id' | 'conversation_id'>,
    read: () => Promise<A | null>,
  ): Promise<WatchedAnswer<A>> {
    let settle: { resolve(answer: Finished<A>): void; reject(error: unknown): void };
    const ended = new Promise<Finished<A>>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // `ended` may reject before anybody waits for it, or without anybody waiting.
    ended.catch(() => {});
    // Events before the subscription is complete are ignored: the first check sees their effect.
    let check = () => {};
    const subscription = await this.#log.subscribe(answer.conversation_id, {
      onEvent: (event) => {
        if (event.name === 'message:completed' && event.payload.message_id === answer.id) check();
      },
      onResync: () => check(),
    });
    const timer = setInterval(() => check(), RECHECK_MS);
    const close = () => {
      subscription.close();
      clearInterval(timer);
    };
    const end = (found: Finished<A> | null) => {
      if (!found) return;
      close();
      settle.resolve(found);
    };
    const fail = (error: unknown) => {
      if (isUnavailable(error)) return;
      close();
      settle.reject(error);
    };
    check = () => void finished(read).then(end, fail);
    check();
    return { ended, close };
  }
}

async function finished<A extends FollowedAnswer>(
  read: () => Promise<A | null>,
): Promise<Finished<A> | null> {
  const answer = await read();
  if (!answer) throw notFound();
  return isFinished(answer) ? answer : null;
}
