import type { ErrorCode } from '../contract/errors.js';
import type { Subscription } from './subscription.js';

/** Short notices between nodes. Delivery is at most once, so consumers also poll. */
export type NodeNotice =
  | { type: 'work' }
  | { type: 'stop'; generationId: number }
  | { type: 'session_ended'; sessionIds: string[]; code: ErrorCode }
  | { type: 'session_extended'; sessionId: string; expiresAt: number }
  /** Roles or names of these users changed; null: perhaps of all. */
  | { type: 'users_changed'; userIds: number[] | null }
  /** Somebody asked this node to drain; its heartbeat tells whether that is so. */
  | { type: 'drain'; nodeId: string }
  /** The data have gone back in time; the sender works on this history. */
  | { type: 'history'; mark: { number: number; id: string } };

export interface NodeNotices {
  /** Reaches every node, including this one. Never rejects. */
  send(notice: NodeNotice): Promise<void>;
  /** Calls `listener` with every notice, including this node's own. */
  onNotice(listener: (notice: NodeNotice) => void): Subscription;
}
