import { LONGEST_PAUSE_MS, PACE_SPREAD_MS, type PaceLimits } from '../../ports/engine.js';

/** One budget as GCRA has it: what may go at once, and the time that one unit takes. 0 ms: no limit. */
export interface PaceRate {
  perMinute: number;
  burst: number;
  everyMs: number;
}

export interface PaceRates {
  requests: PaceRate;
  tokens: PaceRate;
}

/** When a slot begins, and how long all pauses had been until it was given. */
export interface PacePlace {
  startsAt: number;
  heldMs: number;
}

const MINUTE_MS = 60_000;
/** A second more, because requests reach the server sooner or later than they were meant to. */
const WINDOW_MS = MINUTE_MS + 1_000;
const BURST_SHARE = 10;
/** Between slots that a pause held back; a server that is over its limit must not get all of them at once. */
export const PACE_GAP_MS = 25;

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

/** What cannot ever fit counts as a whole minute's budget, so that it waits rather than fails. */
export const chargeOf = (tokens: number, { perMinute }: PaceRate): number =>
  Math.min(Math.max(0, Math.ceil(tokens)), perMinute);

export const pauseLength = (ms: number): number =>
  Math.min(Math.max(0, Math.ceil(ms)), LONGEST_PAUSE_MS);

/** More than the burst may go when all before it is paid; less, while the debt leaves room in the burst. */
const beginning = (paidAt: number, { burst, everyMs }: PaceRate, cost: number) =>
  everyMs === 0 ? Number.NEGATIVE_INFINITY : paidAt + (cost - Math.max(burst, cost)) * everyMs;

/**
 * The line of one model server. A pause moves the whole line, so the slots keep their order and distances.
 * `paidAt` is GCRA's theoretical arrival time: when all that was taken so far has been paid for by time.
 */
export class PaceLine {
  #paidAt = { requests: 0, tokens: 0 };
  #lastAt = 0;
  #pausedUntil = 0;
  #heldMs = 0;
  #heldBack = 0;

  waitMs(now: number, rates: PaceRates, tokens = 0): number {
    return this.#afterPause(now, this.#inLine(now, rates, tokens)) - now;
  }

  /** Null: it would begin later, and nothing was taken. */
  reserve(now: number, rates: PaceRates, tokens: number, mostWaitMs: number): PacePlace | null {
    const inLine = this.#inLine(now, rates, tokens);
    const startsAt = this.#afterPause(now, inLine);
    if (startsAt - now > mostWaitMs) return null;
    this.#lastAt = inLine;
    if (this.#pausedUntil > now) this.#heldBack += 1;
    this.#pay('requests', startsAt, rates.requests, 1);
    this.#pay('tokens', startsAt, rates.tokens, tokens);
    return { startsAt, heldMs: this.#heldMs };
  }

  remainingMs(now: number, { startsAt, heldMs }: PacePlace): number {
    const moved = startsAt + this.#heldMs - heldMs;
    return Math.max(moved - now, this.pausedMs(now));
  }

  pausedMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  pause(now: number, ms: number): void {
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

  /** What an answer took beyond its estimate holds nobody up for longer than a minute. */
  settle(now: number, { tokens: { everyMs } }: PaceRates, tokens: number): void {
    const paidAt = this.#paidAt.tokens;
    const settled = paidAt + tokens * everyMs;
    this.#paidAt.tokens = Math.min(settled, Math.max(paidAt, now + MINUTE_MS));
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
    return Math.max(inLine, this.#pausedUntil + ((this.#heldBack * PACE_GAP_MS) % PACE_SPREAD_MS));
  }

  /** Also what costs nothing yet: a settlement counts from here. */
  #pay(
    budget: 'requests' | 'tokens',
    startsAt: number,
    { everyMs }: PaceRate,
    units: number,
  ): void {
    if (everyMs === 0) return;
    this.#paidAt[budget] = Math.max(startsAt, this.#paidAt[budget]) + units * everyMs;
  }
}
