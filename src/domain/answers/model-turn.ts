import { setTimeout as sleep } from 'node:timers/promises';
import { ProviderError, type RequestGate } from '../../ports/completion-provider.js';
import type { ModelPace, PaceLimits, PaceSlot } from '../../ports/engine.js';
import type { Logger } from '../logger.js';

export interface ModelTurnDeps {
  pace: ModelPace;
  limits: PaceLimits;
  /** Tokens that each request is expected to take. */
  cost: number;
  signal: AbortSignal;
  logger: Logger;
}

/** No slot is taken further ahead: one whose answer was stopped or whose node died is lost to all. */
const MOST_AHEAD_MS = 90_000;
/** Those that find the line this long ask again at different times. */
const ASK_AGAIN_WITHIN_MS = 5_000;
/** Of one request. Then the model server does not carry what is asked of it. */
const MOST_WAIT_MS = 600_000;

/** The slots of one answer's requests. */
export class ModelTurn implements RequestGate {
  #deps: ModelTurnDeps;
  #slot: PaceSlot | null = null;
  #begun = false;

  constructor(deps: ModelTurnDeps) {
    this.#deps = deps;
  }

  async pass(): Promise<void> {
    // The request before this one was refused: it took no tokens.
    this.end(0);
    const giveUpAt = performance.now() + MOST_WAIT_MS;
    for (let waitMs = await this.#reserve(); waitMs > 0; waitMs = await this.#remainingMs()) {
      if (performance.now() + waitMs > giveUpAt) throw tooBusy();
      await this.#wait(waitMs);
    }
    this.#begun = true;
  }

  async refused(retryAfterMs: number): Promise<void> {
    this.#deps.logger.warn({ retryAfterMs }, 'model server asks to slow down');
    await this.#deps.pace.pause(retryAfterMs);
  }

  /** What the last request took. One that has not begun took nothing, whatever is said here. */
  end(usedTokens: number): void {
    void this.#slot?.settle(this.#begun ? usedTokens : 0);
    this.#slot = null;
    this.#begun = false;
  }

  /** Answers how long to wait for the slot, or to wait before asking again where there is none yet. */
  async #reserve(): Promise<number> {
    const { pace, limits, cost, signal } = this.#deps;
    signal.throwIfAborted();
    const { slot, waitMs } = await pace.reserve(limits, cost, MOST_AHEAD_MS);
    this.#slot = slot;
    if (signal.aborted) this.end(0);
    if (slot) return waitMs;
    return Math.max(1, waitMs - MOST_AHEAD_MS) + Math.random() * ASK_AGAIN_WITHIN_MS;
  }

  #remainingMs(): Promise<number> {
    return this.#slot ? this.#slot.remainingMs() : this.#reserve();
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#deps;
    await sleep(ms, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}

const tooBusy = () =>
  new ProviderError('provider_unavailable', 'The model server is too busy at the moment.');
