import { PACE_SPREAD_MS } from '../../ports/model-pace.js';

/** Time between slots that a pause held back: a server over its limit must not get all of them at once. */
export const PACE_GAP_MS = 25;

/** When the `n`th slot that a pause held back continues. */
export const afterPause = (pausedUntil: number, n: number): number =>
  pausedUntil + ((n * PACE_GAP_MS) % PACE_SPREAD_MS);

/**
 * The pauses of one model, beside the line of all models. A pause moves the model's slots by its length. Requests
 * that arrive meanwhile get a time after those slots, and take nothing from the line before it comes.
 */
export class ModelPause {
  /** The total length of this model's pauses so far. */
  heldMs = 0;
  #until = 0;
  #heldBack = 0;
  /** The latest of the model's slots in the line. */
  #lastAt = 0;
  /** The latest of its slots that the last pause has moved. */
  #movedTo = 0;

  remainingMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** True if nothing here matters any more. */
  isOver(now: number): boolean {
    return Math.max(this.#until, this.#lastAt, this.#movedTo) <= now;
  }

  begin(now: number, ms: number): void {
    const from = Math.max(now, this.#until);
    const moveBy = now + ms - from;
    if (moveBy <= 0) return;
    if (from === now) this.#heldBack = 0;
    this.#until = now + ms;
    this.heldMs += moveBy;
    const last = Math.max(this.#lastAt, this.#movedTo);
    this.#movedTo = last > now ? last + moveBy : 0;
    this.#lastAt = 0;
  }

  /** When a request that arrives now may ask the line for a slot; `now` if no pause holds it back. */
  asksAt(now: number): number {
    const ahead = Math.max(now, this.#movedTo);
    return this.#until > now ? Math.max(ahead, afterPause(this.#until, this.#heldBack)) : ahead;
  }

  holdBack(): void {
    this.#heldBack += 1;
  }

  took(startsAt: number): void {
    this.#lastAt = Math.max(this.#lastAt, startsAt);
  }
}
