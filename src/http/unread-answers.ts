import type { ServerResponse } from 'node:http';
import { rateLimited } from '../model/errors.js';

/** Unread responses of a user. Beyond this no further request of the user is handled. */
const MOST_BYTES = 4_194_304;
const MOST_WAITING = 200;
const RETRY_AFTER_MS = 1_000;
/** A connection is closed after this long without a byte read. */
const UNREAD_MS = 30_000;

export interface UnreadLimits {
  /** Pages that may be read at once for a user; others wait. Infinity turns the limit off. */
  atOnce: number;
  unreadMs?: number;
}

interface Reader {
  answers: Set<ServerResponse>;
  inWork: Set<ServerResponse>;
  waiting: Map<ServerResponse, () => void>;
}

/** Bounds the unread responses that the node holds for a user, over all connections. */
export class UnreadAnswers {
  #limits: UnreadLimits;
  #users = new Map<number, Reader>();

  constructor(limits: UnreadLimits) {
    this.#limits = limits;
  }

  /** Call it before the work. Pages wait for their turn. @throws AppError `rate_limited` */
  async admit(userId: number, response: ServerResponse): Promise<void> {
    const user = this.#users.get(userId) ?? {
      answers: new Set(),
      inWork: new Set(),
      waiting: new Map(),
    };
    requireRead(user);
    if (user.waiting.size >= MOST_WAITING) throw rateLimited(RETRY_AFTER_MS);
    this.#users.set(userId, user);
    user.answers.add(response);
    response.once('close', () => this.#leave(userId, user, response));
    if (!isPage(response)) return;
    if (user.inWork.size < this.#limits.atOnce) user.inWork.add(response);
    else await new Promise<void>((go) => user.waiting.set(response, go));
    requireRead(user);
  }

  /** Call it right before the response is written. The next page then gets its turn, and this one a time limit. */
  expectReader(userId: number, response: ServerResponse): void {
    response.setTimeout(this.#limits.unreadMs ?? UNREAD_MS);
    const user = this.#users.get(userId);
    if (user) next(user, response);
  }

  #leave(userId: number, user: Reader, response: ServerResponse): void {
    user.answers.delete(response);
    // A waiting request whose client is gone continues, and finds its connection closed.
    user.waiting.get(response)?.();
    user.waiting.delete(response);
    next(user, response);
    if (user.answers.size === 0 && this.#users.get(userId) === user) this.#users.delete(userId);
  }
}

const isPage = ({ req }: ServerResponse): boolean => req.method === 'GET' || req.method === 'HEAD';

function requireRead({ answers }: Reader): void {
  let bytes = 0;
  for (const { writableLength } of answers) bytes += writableLength;
  if (bytes > MOST_BYTES) throw rateLimited(RETRY_AFTER_MS);
}

/** Gives the place of this response to the request that has waited longest. */
function next({ inWork, waiting }: Reader, response: ServerResponse): void {
  if (!inWork.delete(response)) return;
  for (const [first, go] of waiting) {
    waiting.delete(first);
    inWork.add(first);
    go();
    return;
  }
}
