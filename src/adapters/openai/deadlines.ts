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
  readonly #total: NodeJS.Timeout;
  #current: NodeJS.Timeout | undefined;
  #idle = false;

  constructor(options: DeadlineOptions, expire: (reason: Error) => void) {
    this.#options = options;
    this.#expire = expire;
    this.#total = this.#timer(options.totalTimeoutMs, 'too_slow');
  }

  /** A request goes out. */
  sent(): void {
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
    clearTimeout(this.#total);
    this.#replace(undefined);
  }

  #timer(ms: number, kind: Failure): NodeJS.Timeout {
    return setTimeout(() => this.#expire(failure(kind)), ms);
  }

  #replace(timer: NodeJS.Timeout | undefined): void {
    clearTimeout(this.#current);
    this.#current = timer;
  }
}
