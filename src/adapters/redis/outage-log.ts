import type { Logger } from '../../domain/logger.js';

/** Tells of an outage once when it begins and once when it ends, however many errors it has. */
export class OutageLog {
  #logger: Logger;
  #fields: object;
  #out = false;

  constructor(logger: Logger, fields: object) {
    this.#logger = logger;
    this.#fields = fields;
  }

  failed(error: unknown): void {
    if (this.#out) return;
    this.#out = true;
    this.#logger.warn({ ...this.#fields, err: error }, 'redis away');
  }

  recovered(): void {
    if (!this.#out) return;
    this.#out = false;
    this.#logger.info(this.#fields, 'redis back');
  }
}
