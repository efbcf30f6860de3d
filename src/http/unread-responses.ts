import type { ServerResponse } from 'node:http';
import { rateLimited } from '../entities/errors.js';
import { onClosed } from './on-closed.js';

/** Unread responses of a user. Beyond this no further request of the user is handled. */
const MOST_BYTES = 4_194_304;
const RETRY_AFTER_MS = 1_000;
/** A connection is closed after this long without a byte read. */
const UNREAD_MS = 30_000;

/** Bounds the unread responses that the node holds for a user, over all connections. */
export class UnreadResponses {
  #unreadMs: number;
  #users = new Map<number, Set<ServerResponse>>();

  constructor(unreadMs = UNREAD_MS) {
    this.#unreadMs = unreadMs;
  }

  /** Call it before any work. @throws AppError `rate_limited` */
  admit(userId: number, response: ServerResponse): void {
    this.require(userId);
    const responses = this.#users.get(userId) ?? new Set();
    this.#users.set(userId, responses.add(response));
    onClosed(response, () => this.#leave(userId, responses, response));
  }

  /** Call it again after a wait for a turn. @throws AppError `rate_limited` */
  require(userId: number): void {
    let bytes = 0;
    for (const { writableLength } of this.#users.get(userId) ?? []) bytes += writableLength;
    if (bytes > MOST_BYTES) throw rateLimited(RETRY_AFTER_MS);
  }

  /** Call it right before the response is written: from now on it has a time limit. */
  expectReader(response: ServerResponse): void {
    response.setTimeout(this.#unreadMs);
  }

  #leave(userId: number, responses: Set<ServerResponse>, response: ServerResponse): void {
    responses.delete(response);
    if (responses.size === 0 && this.#users.get(userId) === responses) this.#users.delete(userId);
  }
}
