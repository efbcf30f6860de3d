import type { CheckResult, Readiness } from '../contract/rest.js';
import type { EngineHealth } from '../ports/engine.js';
import type { Database } from '../ports/repositories.js';
import type { Logger } from './logger.js';
import { RefusalLog } from './refusal-log.js';
import type { Refusal, Standing } from './standing.js';

const BEAT_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
/** Within this every node has told in Postgres whether it still hears: two looks and the way there. */
const NODES_TELL_WITHIN_MS = 3_000;
const PING_WITHIN_MS = 2_000;

/** Whether this node should get traffic, told truthfully, and its heartbeat in Postgres. */
export class NodeHealth {
  #db: Pick<Database, 'ping'>;
  #engine: EngineHealth;
  #standing: Pick<Standing, 'beat' | 'leave'>;
  #logger: Logger;
  #refusals: RefusalLog;
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #refusal: Refusal | null = null;
  #onOusted = () => {};
  /** What the others know of it. */
  #hears: boolean | null = null;
  #beatAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  #failingSince: number | null = null;

  constructor(
    db: Pick<Database, 'ping'>,
    engine: EngineHealth,
    standing: Pick<Standing, 'beat' | 'leave'>,
    logger: Logger,
  ) {
    this.#db = db;
    this.#engine = engine;
    this.#standing = standing;
    this.#logger = logger;
    this.#refusals = new RefusalLog(logger);
  }

  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  /** From now on the node is not ready, so that no balancer sends it anything new. */
  drain(): void {
    this.#draining = true;
  }

  /** Waits for a beat that is under way: it would put the row back. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#standing.leave();
  }

  /** Why the node does not serve yet, or should not any more; null: it should. */
  refused(refusal: Refusal | null): void {
    this.#refusal = refusal;
    this.#refusals.take(refusal);
  }

  /** Called when another node serves in the place of this one, which was silent for too long. */
  onOusted(listener: () => void): void {
    this.#onOusted = listener;
  }

  async readiness(): Promise<Readiness> {
    const [database, engine] = await Promise.all([this.#database(), this.#engineResult()]);
    const checks = { database, engine, node: this.#node() };
    const results = Object.values(checks);
    const reason = this.#refusal ? { reason: this.#refusal.reason } : {};
    if (results.includes('failed')) return { status: 'unready', checks, ...reason };
    return { status: results.includes('degraded') ? 'degraded' : 'ready', checks, ...reason };
  }

  /** Who serves goes on when a copy, or a node with another Redis, comes later: those are refused at their start. */
  #node(): CheckResult {
    if (this.#draining) return 'failed';
    if (!this.#refusal) return 'ok';
    const serves = this.#timer !== undefined;
    const { kind } = this.#refusal;
    return serves && (kind === 'copy' || kind === 'apart') ? 'degraded' : 'failed';
  }

  /** A frozen Postgres does not refuse, it is silent: so the question has a deadline. */
  async #database(): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<CheckResult>((resolve) => {
      timer = setTimeout(() => resolve('failed'), PING_WITHIN_MS);
    });
    const ping = this.#db.ping().then(
      () => 'ok' as const,
      () => 'failed' as const,
    );
    const result = await Promise.race([ping, late]);
    clearTimeout(timer);
    return result;
  }

  /** Alone, or all of them? When the engine fails, the others first get the time to say that theirs does, too. */
  async #engineResult(): Promise<CheckResult> {
    const result = await this.#engine.check();
    if (result !== 'failed') {
      this.#failingSince = null;
      return result;
    }
    this.#failingSince ??= performance.now();
    return performance.now() - this.#failingSince < NODES_TELL_WITHIN_MS ? 'degraded' : 'failed';
  }

  /** One at a time. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Tells the others at once when it ceases to hear or hears again, and otherwise now and then that it lives. */
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
    const refusal = await this.#standing.beat(hears);
    this.#hears = hears;
    this.refused(refusal);
    if (refusal?.kind === 'alone') this.#onOusted();
  }
}
