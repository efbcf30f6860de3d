import type { Logger } from '../../../domain/logger.js';

/** Repeated outages get one line in this time. */
const QUIET_MS = 10_000;

/** Logs the beginning and the end of an outage once, regardless of the number of errors and repetitions. */
export class OutageLog {
  #logger: Logger;
  #fields: object;
  #cause: unknown = null;
  #out = false;
  #isTold = false;
  #times = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #slotToldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger, fields: object) {
    this.#logger = logger;
    this.#fields = fields;
  }

  failed(error: unknown): void {
    if (this.#out) return;
    this.#out = true;
    this.#cause = error;
    this.#times += 1;
    const wait = this.#toldAt + QUIET_MS - performance.now();
    if (wait <= 0) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tellLate(), wait).unref();
  }

  recovered(): void {
    if (!this.#out) return;
    this.#out = false;
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#logger.info(this.#fields, 'redis back');
  }

  /** One slot of a Cluster does not work. */
  slotRefused(error: unknown): void {
    const now = performance.now();
    if (now - this.#slotToldAt < QUIET_MS) return;
    this.#slotToldAt = now;
    this.#logger.warn({ ...this.#fields, err: error }, 'redis does not serve a slot');
  }

  #tellLate(): void {
    this.#timer = undefined;
    if (this.#out) this.#tell();
  }

  #tell(): void {
    const times = this.#times > 1 ? { times: this.#times } : {};
    this.#times = 0;
    this.#isTold = true;
    this.#toldAt = performance.now();
    this.#logger.warn({ ...this.#fields, ...times, err: this.#cause }, 'redis away');
  }
}
