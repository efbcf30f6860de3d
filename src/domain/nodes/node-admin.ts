import type { GatewayNode, QueueReport } from '../../contract/admin.js';
import { LIMITS } from '../../contract/limits.js';
import { notFound } from '../../entities/errors.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { type Actor, record } from '../rights/actor.js';
import { holdActor } from '../rights/held-actor.js';

/** The nodes and their queue, for operators. */
export class NodeAdmin {
  readonly #db: Pick<Database, 'nodes' | 'generations' | 'transaction'>;
  readonly #notices: NodeNotices;

  constructor(db: Pick<Database, 'nodes' | 'generations' | 'transaction'>, notices: NodeNotices) {
    this.#db = db;
    this.#notices = notices;
  }

  list(): Promise<GatewayNode[]> {
    return this.#db.nodes.list(LIMITS.nodes);
  }

  /** Answers that wait or run, on all nodes. */
  queue(): Promise<QueueReport> {
    return this.#db.generations.report();
  }

  /**
   * The node finds out by its next heartbeat, at the latest after five seconds. Idempotent.
   * @throws AppError `not_found` if no such node lives, `forbidden`
   */
  async drain(asked: Actor, id: string): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const actor = await holdActor(tx, asked, 'nodes:write');
      if (!(await tx.nodes.askToDrain(id))) throw notFound();
      await record(tx.audit, actor, 'node_drained', null, { node: id });
    });
    await this.#notices.send({ type: 'drain', nodeId: id });
  }
}
