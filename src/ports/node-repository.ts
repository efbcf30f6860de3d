import type { GatewayNode } from '../contract/admin.js';

export interface NodeBeat {
  id: string;
  hostname: string;
  version: string;
  hears: boolean;
  /** Equal for nodes that hear each other; empty: not known. */
  hub: string;
  /** Names the process on its machine; empty: not known. */
  process: string;
}

export type Rival = Pick<NodeBeat, 'id' | 'hostname' | 'hub' | 'process'>;

export interface NodeRepository {
  /**
   * Writes this node's heartbeat and forgets nodes that have been silent for a day. Resolves to those that beat, have another
   * hub, and have stood for longer without a silence.
   */
  beat(node: NodeBeat): Promise<Rival[]>;
  leave(id: string): Promise<void>;
  /** All that beat within the last day, the newest first; at most `limit`. */
  list(limit: number): Promise<GatewayNode[]>;
  /** Whether a node other than `id` has lately said that it hears. */
  peersHear(id: string): Promise<boolean>;
}
