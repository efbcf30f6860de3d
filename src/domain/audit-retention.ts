import type { AuditRepository } from '../ports/audit-repository.js';
import type { Logger } from './logger.js';

const EVERY_MS = 3_600_000;
const ROWS = 1_000;
const ROUNDS = 100;

/** Forgets old entries of the audit log, a bounded number every hour. */
export class AuditRetention {
  #audit: AuditRepository;
  #days: number;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `days` 0: nothing is forgotten. */
  constructor(audit: AuditRepository, days: number, logger: Logger) {
    this.#audit = audit;
    this.#days = days;
    this.#logger = logger;
  }

  start(): void {
    if (this.#days === 0) return;
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
    try {
      for (let round = 0; round < ROUNDS && !this.#stopped; round++) {
        if ((await this.#audit.prune(this.#days, ROWS)) < ROWS) return;
      }
    } catch (error) {
      this.#logger.warn({ err: error }, 'audit log not pruned, will try again');
    }
  }
}
