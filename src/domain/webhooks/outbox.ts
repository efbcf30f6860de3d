import { setMaxListeners } from 'node:events';
import { isUnavailable } from '../../entities/errors.js';
import type { Presence } from '../../ports/presence.js';
import type { Delivery } from '../../ports/repositories/outbox-repository.js';
import { Deliverer, type DelivererDeps } from './deliverer.js';
import { Spreader } from './spreader.js';

export interface OutboxDeps extends DelivererDeps {
  presence: Pick<Presence, 'everywhere'>;
}

/** First tries begin within 5 seconds, also if the node that ended the answer has died. */
const POLL_MS = 1_000;
/** A request never takes this long. A node that dies leaves its deliveries to others after this. */
const LEASE_MS = 30_000;
/** Requests at a time on this node. */
const AT_ONCE = 64;
/** How many of these may have failed before, so that receivers that do not respond leave room for others. */
const WEAK_AT_ONCE = 32;
const PER_HOST = 4;
/** How long requests may continue when the node stops. */
const GRACE_MS = 1_000;

interface Flight {
  delivery: Delivery;
  isWeak: boolean;
  end: Promise<void>;
}

/**
 * Delivers what the outbox in Postgres holds. All nodes take part, each with a share of what is due. A delivery is
 * tried at least once, and again if its node dies before it has recorded the result.
 */
export class Outbox {
  #deps: OutboxDeps;
  #spreader: Spreader;
  #deliverer: Deliverer;
  #flights = new Map<string, Flight>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | null = null;
  #again = false;
  /** No further claims. */
  #stopping = new AbortController();
  /** Requests under way end. */
  #over = new AbortController();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#spreader = new Spreader({ ...deps, outbox: deps.db.outbox });
    this.#deliverer = new Deliverer(deps);
    // Each request listens, and warnings of a leak begin at eleven.
    setMaxListeners(AT_ONCE, this.#over.signal);
  }

  start(): void {
    this.#timer = setInterval(() => this.kick(), POLL_MS);
  }

  /** Gives requests that are under way a short time to end, and hands the rest back. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#working;
    const grace = setTimeout(() => this.#over.abort(), GRACE_MS);
    while (this.#flights.size > 0)
      await Promise.all([...this.#flights.values()].map(({ end }) => end));
    clearTimeout(grace);
  }

  /** Looks for work now. */
  kick(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    this.#working = this.#work().finally(() => {
      this.#working = null;
      if (this.#again) this.kick();
    });
  }

  /** A turn of either stage. Neither waits until the other has nothing left. */
  async #work(): Promise<void> {
    this.#again = false;
    await this.#attempt(async () => {
      if (await this.#spreader.run(this.#stopping.signal)) this.#again = true;
    });
    await this.#attempt(async () => {
      if (!this.#stopping.signal.aborted && (await this.#claim()) > 0) this.#again = true;
    });
  }

  /** A notification that fails holds up no delivery. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { logger } = this.#deps;
      if (isUnavailable(error)) logger.debug({ err: error }, 'webhooks wait for the database');
      else logger.warn({ err: error }, 'webhooks failed, will try again');
    }
  }

  async #claim(): Promise<number> {
    const flights = [...this.#flights.values()];
    const room = AT_ONCE - flights.length;
    if (room <= 0) return 0;
    const underWay = new Map<string, number>();
    for (const { delivery } of flights)
      underWay.set(delivery.host, (underWay.get(delivery.host) ?? 0) + 1);
    const weak = flights.filter(({ isWeak }) => isWeak).length;
    const { db, installation } = this.#deps;
    const claimed = await db.outbox.claim({
      ...{ room, underWay, perHost: PER_HOST, leaseMs: LEASE_MS },
      weakRoom: Math.max(0, WEAK_AT_ONCE - weak),
      installationHost: installation && new URL(installation.url).host,
    });
    for (const delivery of claimed) this.#begin(delivery);
    return claimed.length;
  }

  #begin(delivery: Delivery): void {
    const end = this.#try(delivery).finally(() => {
      this.#flights.delete(delivery.id);
      this.kick();
    });
    this.#flights.set(delivery.id, { delivery, isWeak: delivery.isWeak, end });
  }

  /** Never rejects: a result that could not be recorded is tried again after its lease. */
  async #try(delivery: Delivery): Promise<void> {
    const { db, logger } = this.#deps;
    try {
      if (await this.#deliverer.try(delivery, this.#over.signal)) return;
      await db.outbox.handBack([delivery]);
    } catch (error) {
      logger.warn({ err: error, webhook: delivery.webhookId }, 'webhook delivery not recorded');
    }
  }
}
