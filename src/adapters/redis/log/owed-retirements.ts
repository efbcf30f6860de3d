import type { LogKey } from '../../../ports/live-log.js';

/** Beyond this many, logs end with their lifetime. */
const MOST = 10_000;
const AT_ONCE = 100;

/** Logs that ended while Redis was away. Their text is removed as soon as Redis is back. */
export class OwedRetirements {
  readonly #retire: (key: LogKey) => Promise<void>;
  readonly #owed = new Map<number, LogKey>();
  #paying = Promise.resolve();

  /** `retire` rejects if Redis did not accept it. */
  constructor(retire: (key: LogKey) => Promise<void>) {
    this.#retire = retire;
  }

  /** Resolves to whether Redis has retired the log. If not, that is owed. */
  async retire(key: LogKey): Promise<boolean> {
    try {
      await this.#retire(key);
      this.#owed.delete(key.messageId);
      return true;
    } catch {
      if (this.#owed.size < MOST) this.#owed.set(key.messageId, key);
      return false;
    }
  }

  /** Never rejects. Failures stay owed until the next call. */
  pay(): Promise<void> {
    this.#paying = this.#paying.then(() => this.#payAll());
    return this.#paying;
  }

  async #payAll(): Promise<void> {
    const owed = [...this.#owed.values()];
    for (let i = 0; i < owed.length; i += AT_ONCE) {
      const done = await Promise.all(owed.slice(i, i + AT_ONCE).map((key) => this.retire(key)));
      if (done.includes(false)) return;
    }
  }
}
