import type { CheckResult, Readiness } from '../../contract/rest.js';
import type { EngineHealth } from '../../ports/engine.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { afterReads } from '../after-reads.js';
import type { Logger } from '../logger.js';
import type { NodeAdmission, Refusal } from './node-admission.js';
import { RefusalLog } from './refusal-log.js';

const BEAT_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
/** In this time every node records in Postgres whether it still hears the others: two looks and the way there. */
const NODES_TELL_WITHIN_MS = 3_000;
const PING_WITHIN_MS = 2_000;

/** Decides whether this node should get traffic, and sends its heartbeats to Postgres. */
export class NodeHealth {
  #db: Pick<Database, 'ping'>;
  #engine: EngineHealth;
  #admission: Pick<NodeAdmission, 'beat' | 'leave' | 'isToDrain'>;
  #logger: Logger;
  #refusals: RefusalLog;
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #refusal: Refusal | null = null;
  #onOusted = () => {};
  #onDrainAsked = () => {};
  /** The state that Postgres has, for other nodes. */
  #hears: boolean | null = null;
  #beatAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  #failingSince: number | null = null;

  constructor(
    db: Pick<Database, 'ping'>,
    engine: EngineHealth,
    admission: Pick<NodeAdmission, 'beat' | 'leave' | 'isToDrain'>,
    logger: Logger,
  ) {
    this.#db = db;
    this.#engine = engine;
    this.#admission = admission;
    this.#logger = logger;
    this.#refusals = new RefusalLog(logger);
  }

  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  /** Makes the node unready from now on, so that load balancers send it nothing new. */
  drain(): void {
    this.#draining = true;
  }

  /** Waits for a heartbeat that is under way, which would insert the row again. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#looking;
    await this.#admission.leave();
  }

  /** Sets why the node may not serve (yet, or any more); null: it may. */
  refused(refusal: Refusal | null): void {
    this.#refusal = refusal;
    this.#refusals.take(refusal);
  }

  /** Called when another node serves in place of this one, which was silent for too long. */
  onOusted(listener: () => void): void {
    this.#onOusted = listener;
  }

  /** Called when an administrator has asked this node to drain, perhaps more than once. */
  onDrainAsked(listener: () => void): void {
    this.#onDrainAsked = listener;
  }

  /** Sends a heartbeat soon, to learn what was asked of this node. */
  async hurry(): Promise<void> {
    await this.#looking;
    this.#beatAt = Number.NEGATIVE_INFINITY;
    if (this.#timer !== undefined) await this.#look();
  }

  async readiness(): Promise<Readiness> {
    const [database, engine] = await Promise.all([this.#database(), this.#engineResult()]);
    const checks = { database, engine, node: this.#node() };
    const results = Object.values(checks);
    const reason = this.#refusal ? { reason: this.#refusal.reason } : {};
    if (results.includes('failed')) return { status: 'unready', checks, ...reason };
    return { status: results.includes('degraded') ? 'degraded' : 'ready', checks, ...reason };
  }

  /**
   * A serving node continues if a copy, or a node with another Redis, comes later: that one is refused at its start.
   */
  #node(): CheckResult {
    if (this.#draining) return 'failed';
    if (!this.#refusal) return 'ok';
    const serves = this.#timer !== undefined;
    const { kind } = this.#refusal;
    return serves && (kind === 'copy' || kind === 'apart') ? 'degraded' : 'failed';
  }

  /** A frozen Postgres is silent and refuses nothing, so the query has a deadline. */
  async #database(): Promise<CheckResult> {
    let cancel = () => {};
    const late = new Promise<CheckResult>((resolve) => {
      cancel = afterReads(() => resolve('failed'), PING_WITHIN_MS);
    });
    const ping = this.#db.ping().then(
      () => 'ok' as const,
      () => 'failed' as const,
    );
    const result = await Promise.race([ping, late]);
    cancel();
    return result;
  }

  /**
   * Finds out whether the engine fails for this node alone: the other nodes first get time to report their own
   * failure.
   */
  async #engineResult(): Promise<CheckResult> {
    const result = await this.#engine.check();
    if (result !== 'failed') {
      this.#failingSince = null;
      return result;
    }
    this.#failingSince ??= performance.now();
    return performance.now() - this.#failingSince < NODES_TELL_WITHIN_MS ? 'degraded' : 'failed';
  }

  /** Runs one look at a time. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Reports at once when the node stops or starts hearing the others, and otherwise sends regular heartbeats. */
  async #lookOnce(): Promise<void> {
    try {
      const hears = (await this.#engineResult()) === 'ok';
      if (hears !== this.#hears || performance.now() - this.#beatAt >= BEAT_EVERY_MS)
        await this.#beat(hears);
    } catch (error) {
      this.#logger.warn({ err: error }, 'heartbeat failed, will try again');
    }
  }

  async #beat(hears: boolean): Promise<void> {
    this.#beatAt = performance.now();
    const refusal = await this.#admission.beat(hears);
    this.#hears = hears;
    this.refused(refusal);
    if (refusal?.kind === 'alone') this.#onOusted();
    else if (this.#admission.isToDrain) this.#onDrainAsked();
  }
}
