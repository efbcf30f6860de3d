import type { Logger } from 'pino';
import { ConnectionError } from 'sequelize';
import type { History, HistoryMark } from '../../../ports/history.js';
import type { Subscription } from '../../../ports/subscription.js';
import type { PatientClient } from '../sql/driver.js';
import { DatabaseClock } from './database-clock.js';
import { beginHistory } from './new-history.js';
import { type Sighting, Witness } from './sighting.js';

/** An older server is not used for this long after a newer one was heard. After that it may be the only one left. */
const LOYAL_MS = 60_000;

type Verdict = 'same' | 'newer' | 'older' | 'went back';

interface Known extends HistoryMark {
  lsn: number;
}

/**
 * Tracks which history this process works on. Checks every connection before its first use, and one in use regularly.
 */
export class HistoryWatch implements History {
  #logger: Logger;
  #loyalMs: number;
  #clock = new DatabaseClock();
  #witness = new Witness();
  #known: Known | null = null;
  #heardAt = 0;
  #clients = new Set<PatientClient>();
  #listeners = new Set<(mark: HistoryMark) => void>();

  constructor(logger: Logger, loyalMs = LOYAL_MS) {
    this.#logger = logger;
    this.#loyalMs = loyalMs;
  }

  now(): number {
    return this.#clock.now();
  }

  onChange(listener: (mark: HistoryMark) => void): Subscription {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  told({ number, id }: HistoryMark): void {
    if (!this.#known || number <= this.#known.number) return;
    this.#moveTo({ number, id, lsn: 0 });
  }

  /** Checks connections in use, too. Drops the connection and throws a ConnectionError if it must not be used. */
  async admit(client: PatientClient): Promise<void> {
    try {
      await this.#admit(client);
    } catch (error) {
      client.drop();
      throw error instanceof Error ? new ConnectionError(error) : error;
    }
  }

  async #admit(client: PatientClient): Promise<void> {
    // The state before the query: anything newer must not count against this connection.
    const known = this.#known && { ...this.#known };
    const seen = await this.#sight(client);
    if (seen.isStandby) throw new Error('this Postgres is a standby');
    const verdict = judge(known, seen, this.#isLoyal());
    if (verdict === 'older') {
      this.#logger.error(markOf(seen), 'connection to an older Postgres refused');
      throw new Error('this Postgres is older than another one that was seen');
    }
    const settled = verdict === 'went back' ? await this.#begin(client, seen) : seen;
    this.#settle(client, settled);
  }

  #isLoyal(): boolean {
    return performance.now() - this.#heardAt < this.#loyalMs;
  }

  #begin(client: PatientClient, seen: Sighting): Promise<Sighting> {
    return beginHistory(client, this.#witness, seen, this.#known?.number ?? 0);
  }

  #settle(client: PatientClient, seen: Sighting): void {
    const { id, number, lsn } = seen;
    // Another connection may have met a newer history meanwhile.
    if (this.#known && this.#known.id !== id && number <= this.#known.number) {
      throw new Error('this Postgres is older than another one that was seen');
    }
    if (!this.#known) this.#known = { id, number, lsn };
    else if (this.#known.id !== id) this.#moveTo({ id, number, lsn });
    this.#known.lsn = Math.max(this.#known.lsn, lsn);
    this.#heardAt = performance.now();
    if (this.#clients.has(client)) return;
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
  }

  /** Results from older connections can no longer be trusted. */
  #moveTo(known: Known): void {
    this.#logger.warn(markOf(known), 'the data in Postgres have gone back: another history begins');
    this.#known = known;
    this.#heardAt = performance.now();
    for (const client of this.#clients) client.drop();
    this.#clients.clear();
    for (const listener of [...this.#listeners]) listener(markOf(known));
  }

  async #sight(client: PatientClient): Promise<Sighting> {
    const askedAt = performance.now();
    const seen = await this.#witness.sight(client);
    if (!seen.isStandby) this.#clock.set(seen.timeMs, askedAt, performance.now());
    return seen;
  }
}

const markOf = ({ number, id }: HistoryMark): HistoryMark => ({ number, id });

/**
 * A promoted standby and a restored dump have another location. A restored snapshot of the same server has less WAL.
 */
function judge(known: Known | null, seen: Sighting, isLoyal: boolean): Verdict {
  if (seen.location !== seen.recorded) return 'went back';
  if (!known) return 'same';
  if (seen.id === known.id) return seen.lsn < known.lsn ? 'went back' : 'same';
  if (seen.number > known.number) return 'newer';
  return isLoyal ? 'older' : 'went back';
}
