import { LONGEST_PAUSE_MS, type PaceLimits } from '../../ports/model-pace.js';
import { afterPause, ModelPause } from './model-pause.js';

/** One budget in terms of GCRA: units that may go at once, and the time per further unit. 0 ms: no limit. */
export interface PaceRate {
  perMinute: number;
  burst: number;
  everyMs: number;
}

export interface PaceRates {
  requests: PaceRate;
  tokens: PaceRate;
}

/** A request for a slot. */
export interface PaceRequest {
  model: string;
  rates: PaceRates;
  tokens: number;
  mostWaitMs: number;
}

/** When a slot begins, and the total length of pauses when it was given: those of all models, and of its own. */
export interface PacePlace {
  startsAt: number;
  heldMs: number;
  modelHeldMs: number;
  /** False: not in the line yet. `startsAt` is then when the request asks the line for a slot. */
  inLine: boolean;
}

const MINUTE_MS = 60_000;
/** One second longer, because requests may reach the server earlier or later than planned. */
const WINDOW_MS = MINUTE_MS + 1_000;
const BURST_SHARE = 10;
/** At this number of models, those whose pauses are over are forgotten. */
const MODELS = 100;

/** Burst and refill together never exceed the budget within the window. */
function rateOf(perMinute: number): PaceRate {
  if (perMinute === 0) return { perMinute, burst: 0, everyMs: 0 };
  const burst = Math.ceil(perMinute / BURST_SHARE);
  return { perMinute, burst, everyMs: WINDOW_MS / (perMinute - burst + 1) };
}

export const ratesOf = ({ requestsPerMinute, tokensPerMinute }: PaceLimits): PaceRates => ({
  requests: rateOf(requestsPerMinute),
  tokens: rateOf(tokensPerMinute),
});

/** A cost that can never fit counts as a whole minute's budget, so that it waits instead of failing. */
export const chargeOf = (tokens: number, { perMinute }: PaceRate): number =>
  Math.min(Math.max(0, Math.ceil(tokens)), perMinute);

export const pauseLength = (ms: number): number =>
  Math.min(Math.max(0, Math.ceil(ms)), LONGEST_PAUSE_MS);

/**
 * A cost above the burst begins when everything before it is paid; a smaller one as soon as the burst has room for
 * it.
 */
const beginning = (paidAt: number, { burst, everyMs }: PaceRate, cost: number) =>
  everyMs === 0 ? Number.NEGATIVE_INFINITY : paidAt + (cost - Math.max(burst, cost)) * everyMs;

/**
 * The line of one model server. A pause of all models moves the whole line, so its slots keep their order and
 * distances. A pause of one model moves only that model's slots out of the line, by the length of the pause. `paidAt`
 * is GCRA's theoretical arrival time: when everything taken so far will have been paid for by time.
 */
export class PaceLine {
  #paidAt = { requests: 0, tokens: 0 };
  #lastAt = 0;
  #pausedUntil = 0;
  #heldMs = 0;
  #heldBack = 0;
  #models = new Map<string, ModelPause>();

  /** The wait of a request that costs `tokens`. Without a model, only the line counts. */
  waitMs(now: number, rates: PaceRates, tokens = 0, model?: string): number {
    const asksAt = model === undefined ? now : this.#asksAt(now, model);
    return Math.max(asksAt, this.#afterPause(now, this.#inLine(now, rates, tokens))) - now;
  }

  /** Null: the slot would begin too late, and nothing was taken. */
  reserve(now: number, request: PaceRequest): PacePlace | null {
    const asksAt = this.#asksAt(now, request.model);
    if (asksAt <= now) return this.#take(now, request);
    if (asksAt - now > request.mostWaitMs) return null;
    this.#models.get(request.model)?.holdBack();
    return this.#place(request.model, asksAt, false);
  }

  /** The ms until the place begins, and what the place has become by then. */
  remaining(now: number, place: PacePlace, request: PaceRequest): [ms: number, PacePlace] {
    const heldMs = this.#models.get(request.model)?.heldMs ?? 0;
    const moved = place.startsAt + this.#heldMs - place.heldMs + heldMs - place.modelHeldMs;
    const waitMs = Math.max(moved - now, this.pausedMs(now, request.model));
    if (waitMs > 0) return [waitMs, place];
    if (place.inLine && heldMs === place.modelHeldMs) return [0, place];
    if (place.inLine) this.#giveBack(request);
    const taken = this.#take(now, request) ?? this.#later(now, request);
    return [Math.max(0, taken.startsAt - now), taken];
  }

  /** The remaining pause of all models or of this one, whichever is longer. */
  pausedMs(now: number, model: string): number {
    return Math.max(this.#pausedUntil - now, this.#models.get(model)?.remainingMs(now) ?? 0, 0);
  }

  /** Models that are paused by themselves, with the remaining ms. */
  pauses(now: number): Map<string, number> {
    const paused = [...this.#models].map(([model, own]) => [model, own.remainingMs(now)] as const);
    return new Map(paused.filter(([, ms]) => ms > 0));
  }

  /** Pauses one model; null: all. */
  pause(now: number, model: string | null, ms: number): void {
    if (model === null) this.#pauseAll(now, ms);
    else this.#own(now, model).begin(now, ms);
  }

  /** Tokens beyond the estimate of an answer delay others by no more than a minute. */
  settle(now: number, { tokens: { everyMs } }: PaceRates, tokens: number): void {
    const paidAt = this.#paidAt.tokens;
    const settled = paidAt + tokens * everyMs;
    this.#paidAt.tokens = Math.min(settled, Math.max(paidAt, now + MINUTE_MS));
  }

  #pauseAll(now: number, ms: number): void {
    const from = Math.max(now, this.#pausedUntil);
    const moveBy = now + ms - from;
    if (moveBy <= 0) return;
    if (from === now) this.#heldBack = 0;
    this.#pausedUntil = now + ms;
    this.#heldMs += moveBy;
    this.#paidAt.requests += moveBy;
    this.#paidAt.tokens += moveBy;
    this.#lastAt += moveBy;
  }

  #take(now: number, { model, rates, tokens, mostWaitMs }: PaceRequest): PacePlace | null {
    const inLine = this.#inLine(now, rates, tokens);
    const startsAt = this.#afterPause(now, inLine);
    if (startsAt - now > mostWaitMs) return null;
    this.#lastAt = inLine;
    if (this.#pausedUntil > now) this.#heldBack += 1;
    this.#pay('requests', startsAt, rates.requests, 1);
    this.#pay('tokens', startsAt, rates.tokens, tokens);
    if (startsAt > now) this.#own(now, model).took(startsAt);
    return this.#place(model, startsAt, true);
  }

  /** The line is too long. The request asks again when the line may be short enough. */
  #later(now: number, { model, rates, tokens, mostWaitMs }: PaceRequest): PacePlace {
    const waitMs = this.#afterPause(now, this.#inLine(now, rates, tokens)) - now;
    return this.#place(model, now + Math.max(1, waitMs - mostWaitMs), false);
  }

  #place(model: string, startsAt: number, inLine: boolean): PacePlace {
    const modelHeldMs = this.#models.get(model)?.heldMs ?? 0;
    return { startsAt, heldMs: this.#heldMs, modelHeldMs, inLine };
  }

  #asksAt(now: number, model: string): number {
    return this.#models.get(model)?.asksAt(now) ?? now;
  }

  #own(now: number, model: string): ModelPause {
    const known = this.#models.get(model);
    if (known) return known;
    if (this.#models.size >= MODELS) {
      for (const [name, pause] of this.#models) if (pause.isOver(now)) this.#models.delete(name);
    }
    const own = new ModelPause();
    this.#models.set(model, own);
    return own;
  }

  #inLine(now: number, { requests, tokens }: PaceRates, cost: number): number {
    return Math.max(
      now,
      this.#lastAt,
      beginning(this.#paidAt.requests, requests, 1),
      beginning(this.#paidAt.tokens, tokens, cost),
    );
  }

  #afterPause(now: number, inLine: number): number {
    if (this.#pausedUntil <= now) return inLine;
    return Math.max(inLine, afterPause(this.#pausedUntil, this.#heldBack));
  }

  /** Costs of 0 are paid, too, because a settlement counts from here. */
  #pay(
    budget: 'requests' | 'tokens',
    startsAt: number,
    { everyMs }: PaceRate,
    units: number,
  ): void {
    if (everyMs === 0) return;
    this.#paidAt[budget] = Math.max(startsAt, this.#paidAt[budget]) + units * everyMs;
  }

  /**
   * Gives back the tokens of a slot whose time passed during a pause of its model. The request is lost, but its tokens
   * are not.
   */
  #giveBack({ rates, tokens }: PaceRequest): void {
    this.#paidAt.tokens -= tokens * rates.tokens.everyMs;
  }
}
