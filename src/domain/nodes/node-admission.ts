import { setTimeout as pause } from 'node:timers/promises';
import type { Engine, Meeting } from '../../ports/engine.js';
import type { Rival } from '../../ports/repositories/node-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Logger } from '../logger.js';

export interface NodeIdentity {
  id: string;
  hostname: string;
  version: string;
  /** Names the process on its machine; empty if unknown. */
  process: string;
}

export interface StandingDeps {
  db: Pick<Database, 'nodes' | 'deployment'>;
  engine: Pick<Engine, 'kind' | 'meet'>;
  /** The id with which the engine was opened. */
  deploymentId: string;
  /** True only if it is certain that no such process runs any more. */
  isGone(process: string): boolean;
  logger: Logger;
}

export interface Refusal {
  /** `alone`: of two nodes that do not hear each other one has no Redis, so one of them must stop. */
  kind: 'alone' | 'apart' | 'copy' | 'renamed';
  reason: string;
}

const AGAIN_AFTER_MS = 1_000;

const NEW_ID = 'UPDATE deployment SET id = gen_random_uuid()';

const renamed = (): Refusal => ({
  kind: 'renamed',
  reason: 'the deployment got another id since this node started: restart the node',
});

const copy = (): Refusal => ({
  kind: 'copy',
  reason: `nodes on another copy of this database use this Redis: end them, or give the copy an id of its own (${NEW_ID})`,
});

/** Decides whether this node may serve beside the others on its database, and sends the heartbeat that tells them. */
export class NodeAdmission {
  #deps: StandingDeps;
  #node: NodeIdentity;
  #meeting: Meeting = { hub: '', isTaken: false };
  #isToDrain = false;

  constructor(deps: StandingDeps, node: NodeIdentity) {
    this.#deps = deps;
    this.#node = node;
  }

  /** Whether somebody had asked this node to drain when it sent its last heartbeat. */
  get isToDrain(): boolean {
    return this.#isToDrain;
  }

  /** Sends one heartbeat. Null: the node may serve. @throws AppError `unavailable` */
  async beat(hears: boolean): Promise<Refusal | null> {
    const { db, deploymentId, isGone } = this.#deps;
    const { id, location } = await db.deployment.read();
    if (id !== deploymentId) return renamed();
    await this.#meet(location);
    const { hub, isTaken } = this.#meeting;
    const { rivals, isToDrain } = await db.nodes.beat({ ...this.#node, hears, hub });
    this.#isToDrain = isToDrain;
    const rival = rivals.find(({ process }) => !isGone(process));
    if (rival) return this.#refused(rival);
    return isTaken ? copy() : null;
  }

  async leave(): Promise<void> {
    await this.#deps.db.nodes
      .leave(this.#node.id)
      .catch((err: unknown) => this.#deps.logger.warn({ err }, 'heartbeat row not removed'));
  }

  /**
   * Resolves to true when this node may serve, and to false when `signal` ended the wait. Waits for a dead node until
   * its heartbeat counts as silent. A waiting node does not count for others.
   */
  async admit(signal: AbortSignal, onRefused: (refusal: Refusal) => void): Promise<boolean> {
    while (!signal.aborted) {
      const refusal = await this.#try();
      if (refusal === null) return true;
      onRefused(refusal);
      await pause(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  /** A node that cannot ask is not ready anyway, and asks again with its next heartbeat. */
  async #try(): Promise<Refusal | null> {
    try {
      const refusal = await this.beat(false);
      if (refusal) await this.leave();
      return refusal;
    } catch (err) {
      this.#deps.logger.warn({ err }, 'heartbeat failed, will try again');
      return null;
    }
  }

  /** The last known state holds while the store is away. */
  async #meet(location: string): Promise<void> {
    const { engine, logger } = this.#deps;
    try {
      this.#meeting = await engine.meet(location);
    } catch (err) {
      logger.debug({ err }, 'other deployments on this Redis unknown, will try again');
    }
  }

  #refused({ hostname, hub }: Rival): Refusal {
    if (this.#deps.engine.kind === 'redis' && !hub.startsWith('memory')) {
      const reason = `node ${hostname} serves this database with another Redis: give all nodes one REDIS_URL`;
      return { kind: 'apart', reason };
    }
    const who = hub.startsWith('memory') ? 'without Redis' : 'with Redis';
    const reason = `node ${hostname} serves this database ${who}, and this node would not hear it: give all nodes one REDIS_URL, or run one node only`;
    return { kind: 'alone', reason };
  }
}
