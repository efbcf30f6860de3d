import type { FailureDelays } from './failure-delays.js';
import type { LiveLog } from './live-log.js';
import type { ModelPace } from './model-pace.js';
import type { NodeNotices } from './node-notices.js';
import type { Presence } from './presence.js';
import type { RateLimiter } from './rate-limiter.js';

export interface EngineHealth {
  /** `degraded`: nodes cannot hear each other but this one serves. `failed`: this node is deaf while others hear. */
  check(): Promise<'ok' | 'degraded' | 'failed'>;
}

/** What a node learns where the nodes of its engine meet. */
export interface Meeting {
  /** Equal for nodes that hear each other, and for no others. */
  hub: string;
  /** Nodes with another database use the same store under the same name. */
  isTaken: boolean;
}

/** Everything that nodes share live. Chosen once: `memory` or `redis`. */
export interface Engine {
  readonly kind: 'memory' | 'redis';
  log: LiveLog;
  presence: Presence;
  notices: NodeNotices;
  limiter: RateLimiter;
  delays: FailureDelays;
  pace: ModelPace;
  /** The line of a further model server, by its name. */
  paceOf(provider: string): ModelPace;
  health: EngineHealth;
  /**
   * Call it with every heartbeat. `location`: where the data are, see `Deployment`. Rejects if the shared store is
   * away.
   */
  meet(location: string): Promise<Meeting>;
  /** Connects; rejects with a clear message when the shared store cannot be reached. */
  start(): Promise<void>;
  /** Disconnects. Idempotent. */
  stop(): Promise<void>;
}
