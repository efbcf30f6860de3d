import { setTimeout as sleep } from 'node:timers/promises';
import {
  ProviderError,
  type RefusalScope,
  type RequestGate,
} from '../../../ports/completion-provider.js';
import type { ModelPace, PaceLimits, PaceSlot } from '../../../ports/model-pace.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import type { Logger } from '../../logger.js';

export interface ModelSlotDeps {
  pace: ModelPace;
  model: string;
  limits: PaceLimits;
  /** Tokens that each request is expected to use. */
  cost: number;
  /** Waits out any pause of the model. Otherwise a pause longer than `PATIENCE_MS` throws `ModelPaused`. */
  patient: boolean;
  signal: AbortSignal;
  logger: Logger;
  telemetry: Telemetry;
}

const TOO_BUSY = 'The model server is too busy at the moment.';
/** No slot is reserved further ahead, because the slot of a stopped answer or a dead node is lost to all. */
const MOST_AHEAD_MS = 90_000;
/** Requests that find the line this long ask again at different times. */
const ASK_AGAIN_WITHIN_MS = 5_000;
/** Longest wait of one request. Beyond it, the model server cannot carry the load. */
const MOST_WAIT_MS = 600_000;

/** During a longer pause of its model an answer waits in the queue, where it takes no place from other models. */
export const PATIENCE_MS = 2_000;

/** The model is paused for longer than an answer should hold its place. */
export class ModelPaused extends ProviderError {
  /** The model server refused a request of this answer. */
  readonly refused: boolean;

  constructor(refused: boolean) {
    super('provider_unavailable', TOO_BUSY);
    this.refused = refused;
  }
}

/** The slots of one answer's requests. */
export class ModelSlot implements RequestGate {
  #deps: ModelSlotDeps;
  #slot: PaceSlot | null = null;
  #begun = false;
  #refused = false;

  constructor(deps: ModelSlotDeps) {
    this.#deps = deps;
  }

  async pass(): Promise<void> {
    // The previous request was refused, so it used no tokens.
    this.end(0);
    const giveUpAt = performance.now() + MOST_WAIT_MS;
    for (let waitMs = await this.#reserve(); waitMs > 0; waitMs = await this.#remainingMs()) {
      await this.#requirePatience(waitMs);
      if (performance.now() + waitMs > giveUpAt) throw tooBusy();
      await this.#wait(waitMs);
    }
    this.#begun = true;
  }

  async refused(retryAfterMs: number, scope: RefusalScope): Promise<void> {
    const { pace, model, logger, telemetry } = this.#deps;
    this.#refused = true;
    telemetry.modelRefused({ scope, retryAfterMs });
    logger.warn({ retryAfterMs, scope, model }, 'model server asks to slow down');
    await pace.pause(scope === 'account' ? null : model, retryAfterMs);
  }

  /** Settles the usage of the last request. A request that has not begun used nothing, whatever is given here. */
  end(usedTokens: number): void {
    void this.#slot?.settle(this.#begun ? usedTokens : 0);
    this.#slot = null;
    this.#begun = false;
  }

  /** Returns the wait until the slot, or the wait before asking again if there is none yet. */
  async #reserve(): Promise<number> {
    const { pace, model, limits, cost, signal } = this.#deps;
    signal.throwIfAborted();
    const { slot, waitMs } = await pace.reserve(model, limits, cost, MOST_AHEAD_MS);
    this.#slot = slot;
    if (signal.aborted) this.end(0);
    if (slot) return waitMs;
    return Math.max(1, waitMs - MOST_AHEAD_MS) + Math.random() * ASK_AGAIN_WITHIN_MS;
  }

  /** @throws ModelPaused */
  async #requirePatience(waitMs: number): Promise<void> {
    const { pace, model, patient } = this.#deps;
    if (patient || waitMs <= PATIENCE_MS) return;
    const pausedMs = (await pace.pauses()).get(model) ?? 0;
    if (pausedMs <= PATIENCE_MS) return;
    this.end(0);
    throw new ModelPaused(this.#refused);
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

const tooBusy = () => new ProviderError('provider_unavailable', TOO_BUSY);
