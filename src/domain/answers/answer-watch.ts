import type { Message } from '../../contract/rest.js';
import { type FinishedMessage, isFinished } from '../../model/entities.js';
import { isUnavailable, notFound } from '../../model/errors.js';
import type { LiveLog } from '../../ports/live-log.js';
import type { MessageRepository } from '../../ports/message-repository.js';

type Read = () => Promise<Message | null>;

export interface WatchedAnswer {
  /** Waits out an outage of Postgres. @throws AppError `not_found` if the answer is deleted, or hidden from its reader */
  ended: Promise<FinishedMessage>;
  /** Gives up; `ended` then never settles. Idempotent. */
  close(): void;
}

/** Interval of checks in Postgres, because an announcement can be lost with its node. */
const RECHECK_MS = 3_000;

/** Waits for the end of answers, on whichever node they run. */
export class AnswerWatch {
  #log: LiveLog;
  #messages: Pick<MessageRepository, 'get'>;

  constructor(log: LiveLog, messages: Pick<MessageRepository, 'get'>) {
    this.#log = log;
    this.#messages = messages;
  }

  /**
   * Resolves when the end can no longer be missed. `read` reads the answer from Postgres, for a reader that may see
   * it.
   */
  async begin(
    answer: Message,
    read: Read = () => this.#messages.get(answer.id),
  ): Promise<WatchedAnswer> {
    let settle: { resolve(message: FinishedMessage): void; reject(error: unknown): void };
    const ended = new Promise<FinishedMessage>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // It may reject before anybody waits for it, or without anybody waiting.
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
    const end = (message: FinishedMessage | null) => {
      if (!message) return;
      close();
      settle.resolve(message);
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

async function finished(read: Read): Promise<FinishedMessage | null> {
  const message = await read();
  if (!message) throw notFound();
  return isFinished(message) ? message : null;
}
