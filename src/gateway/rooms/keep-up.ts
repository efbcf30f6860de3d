import { type AppError, rateLimited, unavailable } from '../../entities/errors.js';
import type { ParleySocket } from '../types.js';
import type { Backlog } from './backlog.js';

/** The backlog up to which a socket's events are handled: one or two replies of usual size. */
const MOST_BYTES = 262_144;
const MOST_PACKETS = 256;
/** Events of one socket that may wait until it has read earlier replies. */
const MOST_WAITING = 50;
const LOOK_EVERY_MS = 50;
const RETRY_AFTER_MS = 1_000;

interface Waiter {
  go(): void;
  giveUp(error: AppError): void;
}

interface Line {
  waiters: Waiter[];
  /** The time at which the socket last read something, by `performance.now()`, and what was left then. */
  readAt: number;
  bytes: number;
}

/** Holds back the events of a socket that does not read, because the replies would pile up in memory. */
export class KeepUp {
  #backlog: Backlog;
  #graceMs: number;
  #close: (socket: ParleySocket) => void;
  #lines = new Map<ParleySocket, Line>();
  #timer: NodeJS.Timeout | undefined;

  /** `close` ends a socket that has read nothing for `graceMs`. */
  constructor(backlog: Backlog, graceMs: number, close: (socket: ParleySocket) => void) {
    this.#backlog = backlog;
    this.#graceMs = graceMs;
    this.#close = close;
  }

  isBehind(socket: ParleySocket): boolean {
    if (this.#backlog.isEmpty(socket)) return false;
    const { packets, bytes } = this.#backlog.of(socket);
    return packets > MOST_PACKETS || bytes > MOST_BYTES;
  }

  /**
   * Resolves when the socket keeps up; callers are released in order.
   * @throws AppError `rate_limited`, `unavailable`
   */
  async wait(socket: ParleySocket): Promise<void> {
    const known = this.#lines.get(socket);
    if (!known && !this.isBehind(socket)) return;
    const line = known ?? {
      waiters: [],
      readAt: performance.now(),
      bytes: Number.POSITIVE_INFINITY,
    };
    if (line.waiters.length >= MOST_WAITING) throw rateLimited(RETRY_AFTER_MS);
    this.#lines.set(socket, line);
    this.#timer ??= setInterval(() => this.#lookAtAll(), LOOK_EVERY_MS).unref();
    await new Promise<void>((go, giveUp) => line.waiters.push({ go, giveUp }));
  }

  #lookAtAll(): void {
    for (const [socket, line] of this.#lines) {
      if (!socket.connected || !this.isBehind(socket)) this.#release(socket, line);
      else this.#look(socket, line);
    }
    if (this.#lines.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(socket: ParleySocket, line: Line): void {
    const { bytes } = this.#backlog.of(socket);
    if (bytes < line.bytes) line.readAt = performance.now();
    line.bytes = bytes;
    if (performance.now() - line.readAt > this.#graceMs) this.#close(socket);
  }

  #release(socket: ParleySocket, { waiters }: Line): void {
    this.#lines.delete(socket);
    for (const { go, giveUp } of waiters) {
      if (socket.connected) go();
      else giveUp(unavailable(new Error('the socket is gone')));
    }
  }
}
