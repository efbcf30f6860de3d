import type { Logger } from '../../domain/logger.js';

/** How often a line is logged while requests are refused. */
const EVERY_MS = 10_000;
/** Addresses counted separately within that time. */
const MOST = 1_000;

/** Reports floods to the log in few lines: how many requests were refused, and the address that sent most of them. */
export class FloodReport {
  #logger: Logger;
  #everyMs: number;
  #refused = 0;
  #byAddress = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(logger: Logger, everyMs = EVERY_MS) {
    this.#logger = logger;
    this.#everyMs = everyMs;
  }

  note(address: string): void {
    this.#refused += 1;
    const known = this.#byAddress.get(address);
    if (known !== undefined || this.#byAddress.size < MOST) {
      this.#byAddress.set(address, (known ?? 0) + 1);
    }
    this.#timer ??= setTimeout(() => this.#tell(), this.#everyMs).unref();
  }

  #tell(): void {
    const [most] = [...this.#byAddress].sort(([, a], [, b]) => b - a);
    const fields = { refused: this.#refused, addresses: this.#byAddress.size, most: most?.[0] };
    this.#logger.warn(fields, 'requests over the limit refused');
    this.#refused = 0;
    this.#byAddress.clear();
    this.#timer = null;
  }
}
