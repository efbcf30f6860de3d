import { setTimeout as sleep } from 'node:timers/promises';
import type { Removals } from '../ports/removals.js';
import { isUnavailable } from './errors.js';
import type { Logger } from './logger.js';

const EVERY_MS = 10_000;
const MOST_ROWS = 500;
const LEAST_ROWS = 10;

/**
 * Works off what was marked as deleted, in short transactions with rests as long as they took, so that others wait for
 * none of it. A batch that takes Postgres too long is tried again with fewer rows. A node that ends leaves the rest to others.
 */
export class Erasure {
  #removals: Removals;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(removals: Removals, logger: Logger) {
    this.#removals = removals;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => this.kick(), EVERY_MS);
    this.kick();
  }

  /** Something was marked. */
  kick(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#work().finally(() => {
      this.#running = null;
      if (this.#again) this.kick();
    });
  }

  /** Waits for the batch that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    this.#again = false;
    let rows = MOST_ROWS;
    while (!this.#stopped) {
      const begun = performance.now();
      try {
        if (!(await this.#removals.erase(rows))) return;
        rows = Math.min(rows * 2, MOST_ROWS);
      } catch (error) {
        this.#logger.warn({ err: error, rows }, 'not erased, will try again');
        if (!isUnavailable(error) || rows === LEAST_ROWS) return;
        rows = Math.max(LEAST_ROWS, Math.floor(rows / 4));
      }
      await sleep(performance.now() - begun, undefined, { ref: false });
    }
  }
}
