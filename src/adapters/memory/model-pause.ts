import { PACE_SPREAD_MS } from '../../ports/model-pace.js';

/** Between slots that a pause held back; a server that is over its limit must not get all of them at once. */
export const PACE_GAP_MS = 25;

/** When the `n`th of those that a pause holds back goes on. */
export const afterPause = (pausedUntil: number, n: number): number =>
  pausedUntil + ((n * PACE_GAP_MS) % PACE_SPREAD_MS);

/**
 * What one model has of its own beside the line of all: its pauses. They move its slots by their length, and give what
 * is asked for meanwhile a turn behind those, which takes nothing from the line before it comes.
 */
export class ModelPause {
  /** How long all pauses of this model have been together. */
  heldMs = 0;
  #until = 0;
  #heldBack = 0;
  /** Of the model's slots in the line. */
  #lastAt = 0;
  /** Of its slots that the last pause has moved. */
  #movedTo = 0;

  remainingMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** It has nothing that matters from now on. */
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

  /** When a request that comes now may ask the line for a slot; `now` when no pause holds it back. */
  turn(now: number): number {
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
