import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../entities/errors.js';
import { type Removal, RemovalFailed, type Removals } from '../ports/repositories/removals.js';
import type { Logger } from './logger.js';

const EVERY_MS = 10_000;
const MOST_ROWS = 500;
const LEAST_ROWS = 10;
/** How long a failed removal is left alone: the first time, and at most. */
const ASIDE_MS = 60_000;
const MOST_ASIDE_MS = 3_600_000;
/** Failed removals that are remembered. Beyond that, the oldest is tried again earlier. */
const MOST_ASIDE = 1_000;

interface Aside {
  removal: Removal;
  waitMs: number;
  until: number;
}

/**
 * Erases data that was marked as deleted, in short transactions with pauses of the same length, so that it delays
 * nobody. A batch that takes Postgres too long is tried again with fewer rows. A removal that fails is left alone for a
 * while, and others continue. When a node stops, other nodes erase the rest.
 */
export class Erasure {
  #removals: Removals;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #aside = new Map<string, Aside>();
  #stopped = false;

  constructor(removals: Removals, logger: Logger) {
    this.#removals = removals;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => this.kick(), EVERY_MS);
    this.kick();
  }

  /** Call it when something was marked. */
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
        if (!(await this.#removals.erase(rows, this.#waiting()))) return;
        rows = Math.min(rows * 2, MOST_ROWS);
      } catch (error) {
        if (!(error instanceof RemovalFailed)) {
          this.#logger.warn({ err: error }, 'erasure failed, will try again');
          return;
        }
        const isSlow = isUnavailable(error.cause) && rows > LEAST_ROWS;
        if (isSlow) rows = Math.max(LEAST_ROWS, Math.floor(rows / 4));
        else this.#putAside(error);
      }
      await sleep(performance.now() - begun, undefined, { ref: false });
    }
  }

  #waiting(): Removal[] {
    const now = performance.now();
    return [...this.#aside.values()]
      .filter(({ until }) => until > now)
      .map(({ removal }) => removal);
  }

  /** Waits twice as long each time. Removals that were erased meanwhile leave the list as the oldest. */
  #putAside({ removal, cause }: RemovalFailed): void {
    const key = `${removal.kind} ${removal.id}`;
    const before = this.#aside.get(key)?.waitMs ?? ASIDE_MS / 2;
    const waitMs = Math.min(before * 2, MOST_ASIDE_MS);
    this.#logger.warn({ err: cause, ...removal, waitMs }, 'removal failed, will try again');
    this.#aside.delete(key);
    this.#aside.set(key, { removal, waitMs, until: performance.now() + waitMs });
    const [oldest] = this.#aside.keys();
    if (this.#aside.size > MOST_ASIDE && oldest !== undefined) this.#aside.delete(oldest);
  }
}
