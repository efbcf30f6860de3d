import { type Failure, failure } from './failures.js';

export interface DeadlineOptions {
  /** From the request being sent to the first byte of the answer's body. */
  firstChunkTimeoutMs: number;
  /** Between bytes of the body. */
  idleTimeoutMs: number;
  totalTimeoutMs: number;
}

/** The time limits of one call; `expire` gets the ProviderError of the first that passes. */
export class Deadlines {
  readonly #options: DeadlineOptions;
  readonly #expire: (reason: Error) => void;
  #total: NodeJS.Timeout | undefined;
  #totalLeftMs: number;
  #totalSince = 0;
  #current: NodeJS.Timeout | undefined;
  #idle = false;

  constructor(options: DeadlineOptions, expire: (reason: Error) => void) {
    this.#options = options;
    this.#expire = expire;
    this.#totalLeftMs = options.totalTimeoutMs;
    this.#startTotal();
  }

  /** Until the next request nothing counts: it waits for its turn, not for the server. */
  hold(): void {
    this.pause();
    if (!this.#total) return;
    this.#totalLeftMs -= performance.now() - this.#totalSince;
    this.#stopTotal();
  }

  /** A request goes out. */
  sent(): void {
    this.#startTotal();
    this.#replace(this.#timer(this.#options.firstChunkTimeoutMs, 'no_answer'));
    this.#idle = false;
  }

  /** Bytes came, of whatever kind: comments and reasoning show that the server is alive, too. */
  alive(): void {
    if (this.#idle) {
      this.#current?.refresh();
      return;
    }
    this.#idle = true;
    this.#replace(this.#timer(this.#options.idleTimeoutMs, 'silent'));
  }

  /** Waiting on purpose: only the total limit counts. */
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

  #timer(ms: number, kind: Failure): NodeJS.Timeout {
    return setTimeout(() => this.#expire(failure(kind)), ms);
  }

  #replace(timer: NodeJS.Timeout | undefined): void {
    clearTimeout(this.#current);
    this.#current = timer;
  }
}
