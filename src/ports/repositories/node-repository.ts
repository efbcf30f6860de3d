import type { GatewayNode } from '../../contract/admin.js';

export interface NodeBeat {
  id: string;
  hostname: string;
  version: string;
  hears: boolean;
  /** Equal for nodes that hear each other; empty if unknown. */
  hub: string;
  /** Names the process on its machine; empty if unknown. */
  process: string;
}

export type Rival = Pick<NodeBeat, 'id' | 'hostname' | 'hub' | 'process'>;

/** The facts that a node learns from its heartbeat. */
export interface BeatReply {
  /** Live nodes with another hub that have served for longer without a silence. */
  rivals: Rival[];
  /** Somebody asked this node to drain. */
  isToDrain: boolean;
}

export interface NodeRepository {
  /** Writes this node's heartbeat, and deletes nodes that have been silent for a day. */
  beat(node: NodeBeat): Promise<BeatReply>;
  /** Asks a live node to drain. Resolves to whether there is one. Idempotent. */
  askToDrain(id: string): Promise<boolean>;
  /** Deletes this node's heartbeat. */
  leave(id: string): Promise<void>;
  /** All nodes with a heartbeat within the last day, newest first; at most `limit`. */
  list(limit: number): Promise<GatewayNode[]>;
  /** Whether a live node other than `id` has reported within the last `ms` that it hears the others. */
  peersHear(id: string, ms: number): Promise<boolean>;
}
