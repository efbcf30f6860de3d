import type { Logger } from 'pino';
import type { Sequelize } from 'sequelize';
import { pooled } from '../sql/sql.js';
import type { HistoryWatch } from './history-watch.js';

/** What was committed after the last look is all that a restored snapshot could take back unseen. */
const EVERY_MS = 1_000;

/** Looks at a connection that serves: a pooler may have led it elsewhere, and the clock is read. */
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

  /** @throws what keeps a connection from being used */
  look(): Promise<void> {
    return pooled(this.#sequelize, (client) => this.#history.admit(client));
  }

  async #lookAgain(): Promise<void> {
    await this.look().catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'history of the data not looked at');
    });
    this.start();
  }
}
