/** Limits of the model server for all nodes together; 0: none. */
export interface PaceLimits {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/** The right to send one request to the model server from a given time on. An unused slot is lost. */
export interface PaceSlot {
  /** Ms until it begins; 0: now. Ask again after the wait, because a pause may have moved it. Never rejects. */
  remainingMs(): Promise<number>;
  /**
   * Counts the tokens that the request really used, instead of the reserved ones. Call it at most once. Never
   * rejects.
   */
  settle(usedTokens: number): Promise<void>;
}

export interface SlotReply {
  /** Null: the slot would begin later than requested, and nothing was taken. */
  slot: PaceSlot | null;
  /** Ms until the slot begins, or would have begun; a minimum if a pause holds back its model. */
  waitMs: number;
}

/**
 * How fast all nodes together may call the model server: one line for all models, in which every request has its
 * slot.
 *
 * Order: slots begin in the order of the calls. Slots that a pause held back begin after it, spread over
 * `PACE_SPREAD_MS`.
 *
 * Rate: a tenth of a minute's budget may go at once, the rest evenly. So the slots of any 60 seconds never exceed
 * `requestsPerMinute`, nor `tokensPerMinute` unless a single request needs more than that tenth.
 *
 * Pauses: a pause of one model holds back only that model, whose requests keep their order and take nothing from the
 * line before it ends. A pause of all models moves the line.
 *
 * Without the shared store each node keeps its own line.
 */
export interface ModelPace {
  /** Takes the next slot if it begins within `mostWaitMs`. `tokens` is an estimate. Never rejects. */
  reserve(
    model: string,
    limits: PaceLimits,
    tokens: number,
    mostWaitMs: number,
  ): Promise<SlotReply>;
  /**
   * The model server accepts no requests for this model for this long; null: for any model. No slot for it begins
   * earlier on any node. Cut to `LONGEST_PAUSE_MS`. A shorter pause changes nothing. Never rejects.
   */
  pause(model: string | null, ms: number): Promise<void>;
  /** Models that are paused by themselves, with the remaining ms. Never rejects. */
  pauses(): Promise<ReadonlyMap<string, number>>;
  /**
   * How long a small request would wait now, including a pause of all models, and with `model` also its own. Takes
   * nothing, so it may be called before each claim. Never rejects.
   */
  waitMs(limits: PaceLimits, model?: string): Promise<number>;
}

/** A longer pause is cut: the server is then asked again. */
export const LONGEST_PAUSE_MS = 60_000;

export const PACE_SPREAD_MS = 2_000;
