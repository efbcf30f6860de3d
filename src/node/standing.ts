import type { Logger } from '../domain/logger.js';
import {
  NodeAdmission,
  type NodeIdentity,
  type StandingDeps,
} from '../domain/nodes/node-admission.js';
import { NodeHealth } from '../domain/nodes/node-health.js';
import { openStandby, type Standby } from '../http/standby.js';
import type { Engine } from '../ports/engine.js';
import type { Database } from '../ports/repositories/repositories.js';

/** The relation of a node to the others on its database. */
export interface Standing {
  /** Whether this node may serve beside them. */
  admission: NodeAdmission;
  health: NodeHealth;
}

export interface StandingParts extends StandingDeps {
  db: Pick<Database, 'nodes' | 'deployment' | 'ping'>;
  engine: Pick<Engine, 'kind' | 'meet' | 'health' | 'notices'>;
}

export function openStanding(parts: StandingParts, node: NodeIdentity): Standing {
  const { db, engine, logger } = parts;
  const admission = new NodeAdmission(parts, node);
  const health = new NodeHealth(db, engine.health, admission, logger);
  engine.notices.onNotice((notice) => {
    if (notice.type === 'drain' && notice.nodeId === node.id) void health.hurry();
  });
  return { admission, health };
}

/**
 * Resolves when the node is admitted, or when `signal` ends the wait. Until then, requests to `port` get the reason.
 */
export async function awaitAdmission(
  { admission, health, logger }: Standing & { logger: Logger },
  port: number,
  signal: AbortSignal,
): Promise<boolean> {
  const standby: { open?: Promise<Standby> } = {};
  const admitted = await admission.admit(signal, (refusal) => {
    health.refused(refusal);
    standby.open ??= openStandby(port, () => health.readiness(), logger);
  });
  health.refused(null);
  await (await standby.open)?.close();
  return admitted;
}
