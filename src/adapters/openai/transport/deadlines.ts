import type { ModelFault } from '../../../contract/admin.js';
import { failure } from '../failures.js';

export interface DeadlineOptions {
  /** Limit from sending the request to the first byte of the response body. */
  firstChunkTimeoutMs: number;
  /** Limit between bytes of the body. */
  idleTimeoutMs: number;
  totalTimeoutMs: number;
}

/** The time limits of one call. `expire` gets the ProviderError of the first one that passes. */
export class Deadlines {
  readonly #options: DeadlineOptions;
  readonly #expire: (reason: Error) => void;
  #total: NodeJS.Timeout | undefined;
  #totalLeftMs: number;
  #totalSince = 0;
  #current: NodeJS.Timeout | undefined;
  #idle = false;
  /** Counts the signs of life. */
  #heard = 0;

  constructor(options: DeadlineOptions, expire: (reason: Error) => void) {
    this.#options = options;
    this.#expire = expire;
    this.#totalLeftMs = options.totalTimeoutMs;
    this.#startTotal();
  }

  /** Stops all limits until the next request: the call waits for its turn, not for the server. */
  hold(): void {
    this.pause();
    if (!this.#total) return;
    this.#totalLeftMs -= performance.now() - this.#totalSince;
    this.#stopTotal();
  }

  /** A request is sent. */
  sent(): void {
    this.#startTotal();
    this.#replace(this.#timer(this.#options.firstChunkTimeoutMs, 'no_answer'));
    this.#idle = false;
  }

  /** Bytes of any kind came: comments and reasoning also show that the server is alive. */
  alive(): void {
    this.#heard += 1;
    if (this.#idle) {
      this.#current?.refresh();
      return;
    }
    this.#idle = true;
    this.#replace(this.#timer(this.#options.idleTimeoutMs, 'silent'));
  }

  /** An intended wait: only the total limit counts. */
  pause(): void {
    this.#replace(undefined);
  }

  clear(): void {
    this.#stopTotal();
    this.#replace(undefined);
  }

  #startTotal(): void {
    if (this.#total) return;
    this.#totalSince = performance.now();
    this.#total = this.#timer(Math.max(1, this.#totalLeftMs), 'too_slow');
  }

  #stopTotal(): void {
    clearTimeout(this.#total);
    this.#total = undefined;
  }

  /** Expires after pending reads: a process that stood still itself must not blame the server. */
  #timer(ms: number, kind: ModelFault): NodeJS.Timeout {
    const timer = setTimeout(() => {
      const heard = this.#heard;
      setImmediate(() => {
        const isDue = timer === this.#total || (timer === this.#current && heard === this.#heard);
        if (isDue) this.#expire(failure(kind));
      });
    }, ms);
    return timer;
  }

  #replace(timer: NodeJS.Timeout | undefined): void {
    clearTimeout(this.#current);
    this.#current = timer;
  }
}
