import type { Logger } from './logger.js';

const EVERY_MS = 3_600_000;
const ROWS = 1_000;
const ROUNDS = 100;

/** Deletes at most `rows` obsolete rows. Returns their number. */
export type Prune = (rows: number) => Promise<number>;

/** Deletes rows that nobody needs any more, a bounded number every hour. */
export class Retention {
  #jobs: ReadonlyMap<string, Prune>;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `jobs`, by the name of what they delete. */
  constructor(jobs: ReadonlyMap<string, Prune>, logger: Logger) {
    this.#jobs = jobs;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.run();
    }, EVERY_MS);
  }

  /** Waits for the statement that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async run(): Promise<void> {
    for (const [what, prune] of this.#jobs) {
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
