import type { Logger } from 'pino';
import type { Sequelize } from 'sequelize';
import { pooled } from '../sql/sql.js';
import type { HistoryWatch } from './history-watch.js';

/** A restored snapshot can take back unnoticed only what was committed after the last look. */
const EVERY_MS = 1_000;

/** Checks a connection in use, because a pooler may have led it elsewhere, and reads the clock. */
export class HistoryLooks {
  #sequelize: Sequelize;
  #history: Pick<HistoryWatch, 'admit'>;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(sequelize: Sequelize, history: Pick<HistoryWatch, 'admit'>, logger: Logger) {
    this.#sequelize = sequelize;
    this.#history = history;
    this.#logger = logger;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#lookAgain(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** @throws the reason why the connection must not be used */
  look(): Promise<void> {
    return pooled(this.#sequelize, (client) => this.#history.admit(client));
  }

  async #lookAgain(): Promise<void> {
    await this.look().catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'history of the data not checked, will try again');
    });
    this.start();
  }
}
