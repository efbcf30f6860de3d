import type { Logger } from './logger.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const FIRST_AFTER_MS = MINUTE_MS;
const FIRST_WITHIN_MS = 4 * MINUTE_MS;
const ROWS = 1_000;
const ROUNDS = 100;

/** Deletes at most `rows` obsolete rows. Returns their number. */
export type Prune = (rows: number) => Promise<number>;

/** By the name of what they delete. */
type Jobs = ReadonlyMap<string, Prune>;

/** Jobs that run one after the other, again and again. */
interface Round {
  jobs: Jobs;
  everyMs: number;
  timer?: NodeJS.Timeout;
  running?: Promise<void>;
}

/**
 * Deletes rows that nobody needs any more, a bounded number every hour. It begins some minutes after the start, so that
 * nodes that live shorter prune too, and at a random time, so that nodes that start together do not prune together.
 */
export class Retention {
  #hourly: Round;
  #minutely: Round;
  #logger: Logger;
  #stopped = false;

  /** `minutely`: jobs for whose rows users wait. */
  constructor(hourly: Jobs, logger: Logger, minutely: Jobs = new Map()) {
    this.#hourly = { jobs: hourly, everyMs: HOUR_MS };
    this.#minutely = { jobs: minutely, everyMs: MINUTE_MS };
    this.#logger = logger;
  }

  start(): void {
    this.#later(this.#hourly, FIRST_AFTER_MS + Math.random() * FIRST_WITHIN_MS);
    this.#later(this.#minutely, MINUTE_MS);
  }

  /** Waits for the statements that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const rounds = [this.#hourly, this.#minutely];
    for (const { timer } of rounds) clearTimeout(timer);
    await Promise.all(rounds.map(({ running }) => running));
  }

  /** Runs the hourly jobs now. */
  run(): Promise<void> {
    return this.#run(this.#hourly.jobs);
  }

  #later(round: Round, ms: number): void {
    if (this.#stopped) return;
    round.timer = setTimeout(() => {
      round.running = this.#run(round.jobs).then(() => this.#later(round, round.everyMs));
    }, ms);
  }

  async #run(jobs: Jobs): Promise<void> {
    for (const [what, prune] of jobs) {
      await this.#prune(prune).catch((error: unknown) => {
        this.#logger.warn({ err: error, what }, 'pruning failed, will try again');
      });
    }
  }

  async #prune(prune: Prune): Promise<void> {
    for (let round = 0; round < ROUNDS && !this.#stopped; round++) {
      if ((await prune(ROWS)) < ROWS) return;
    }
  }
}
