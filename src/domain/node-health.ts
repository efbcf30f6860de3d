import type { CheckResult, Readiness } from '../contract/rest.js';
import type { EngineHealth } from '../ports/engine.js';
import type { Database } from '../ports/repositories.js';
import type { Logger } from './logger.js';

export interface NodeIdentity {
  id: string;
  hostname: string;
  version: string;
}

const BEAT_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
/** Within this every node has told in Postgres whether it still hears: two looks and the way there. */
const NODES_TELL_WITHIN_MS = 3_000;
const PING_WITHIN_MS = 2_000;

/** Whether this node should get traffic, told truthfully, and its heartbeat in Postgres. */
export class NodeHealth {
  #db: Database;
  #engine: EngineHealth;
  #node: NodeIdentity;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  /** What the others know of it. */
  #hears: boolean | null = null;
  #beatAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  #failingSince: number | null = null;

  constructor(db: Database, engine: EngineHealth, node: NodeIdentity, logger: Logger) {
    this.#db = db;
    this.#engine = engine;
    this.#node = node;
    this.#logger = logger;
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
    await this.#db.nodes
      .leave(this.#node.id)
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'heartbeat row not removed'));
  }

  async readiness(): Promise<Readiness> {
    const [database, engine] = await Promise.all([this.#database(), this.#engineResult()]);
    const node: CheckResult = this.#draining ? 'failed' : 'ok';
    const checks = { database, engine, node };
    const results = Object.values(checks);
    if (results.includes('failed')) return { status: 'unready', checks };
    return { status: results.includes('degraded') ? 'degraded' : 'ready', checks };
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
    await this.#db.nodes.beat({ ...this.#node, hears });
    this.#hears = hears;
  }
}
