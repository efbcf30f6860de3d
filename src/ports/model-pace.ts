/** What the model server allows all nodes together; 0: no limit. */
export interface PaceLimits {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/** The right to send one request to the model server from its beginning on. An unused slot is lost. */
export interface PaceSlot {
  /** Until it begins; 0: now. Ask again after a wait, since a pause may have moved it meanwhile. Never rejects. */
  remainingMs(): Promise<number>;
  /** Counts what the request really used in place of what was reserved. Call it at most once. Never rejects. */
  settle(usedTokens: number): Promise<void>;
}

export interface PaceReservation {
  /** Null: it would begin later than was asked for, and nothing was taken. */
  slot: PaceSlot | null;
  /** Until the slot begins, or would have begun; the least, where a pause holds its model back. */
  waitMs: number;
}

/**
 * How fast the nodes together may call the model server: one line for all models, in which every request has its slot.
 *
 * Order: slots begin in the order of the calls; those that a pause held back begin spread over `PACE_SPREAD_MS` after it.
 * Rate: a tenth of a minute's budget may go at once, the rest evenly, so that slots of no 60 seconds exceed
 * `requestsPerMinute`, nor `tokensPerMinute` unless one request alone needs more than that tenth.
 * Pauses: one of a model holds back that model alone, whose requests keep their order and take nothing from the line
 * before it is over. One of all models moves the line.
 * Without the shared store each node keeps a line of its own.
 */
export interface ModelPace {
  /** Takes the next slot, if it begins within `mostWaitMs`. `tokens` is an estimate. Never rejects. */
  reserve(
    model: string,
    limits: PaceLimits,
    tokens: number,
    mostWaitMs: number,
  ): Promise<PaceReservation>;
  /**
   * The model server wants no request for this model, or with null for any, for this long: no such slot of any node
   * begins before. Cut to `LONGEST_PAUSE_MS`; only ever extends. Never rejects.
   */
  pause(model: string | null, ms: number): Promise<void>;
  /** How long each of the models that are paused by themselves still is, in ms. Never rejects. */
  pauses(): Promise<ReadonlyMap<string, number>>;
  /**
   * How long a small request would wait now, a pause of all models included; with a model, its own too. Takes nothing,
   * so it may be asked before each claim. Never rejects.
   */
  waitMs(limits: PaceLimits, model?: string): Promise<number>;
}

/** A server that asks for more is asked again after this. */
export const LONGEST_PAUSE_MS = 60_000;

export const PACE_SPREAD_MS = 2_000;
