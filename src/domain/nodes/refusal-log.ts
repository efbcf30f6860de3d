import type { Logger } from '../logger.js';
import type { Refusal } from './node-admission.js';

/**
 * This node may read old heartbeats after a loss of Redis or a restart of Postgres. By this time the other nodes have
 * sent new ones, count as silent, or have given up their place.
 */
const CERTAIN_AFTER_MS = 15_000;
const AGAIN_AFTER_MS = 60_000;

type Level = 'warn' | 'error';

/** Tells operators why a node does not serve: as a warning at first, as an error once it is certain. */
export class RefusalLog {
  #logger: Logger;
  #now: () => number;
  #kind: Refusal['kind'] | null = null;
  #since = 0;
  #told: { level: Level; at: number } | null = null;

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  /** Call it with every result of whether the node may serve. */
  take(refusal: Refusal | null): void {
    const now = this.#now();
    if (refusal?.kind !== this.#kind) {
      this.#kind = refusal?.kind ?? null;
      this.#since = now;
      this.#told = null;
    }
    if (!refusal) return;
    const level = this.#level(refusal.kind, now - this.#since);
    if (this.#told?.level === level && now - this.#told.at < AGAIN_AFTER_MS) return;
    this.#told = { level, at: now };
    this.#logger[level]({ reason: refusal.reason }, 'this node may not serve beside others');
  }

  #level(kind: Refusal['kind'], heldMs: number): Level {
    const canBeOutdated = kind === 'apart' || kind === 'copy';
    return canBeOutdated && heldMs < CERTAIN_AFTER_MS ? 'warn' : 'error';
  }
}
