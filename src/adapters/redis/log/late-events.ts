import type { RoomEvent } from '../../../contract/events.js';

/** Number of answers that are remembered. A conversation runs one at a time. */
const MOST = 20;

/**
 * Detects events of one conversation that come too late: those of a lower attempt than readers have already seen. A
 * frozen owner continues its attempt until it learns that another node has begun the answer again, or even ended it.
 * A frozen Redis publishes earlier messages only when it resumes.
 */
export class LateEvents {
  readonly #attempts = new Map<number, number>();

  isLate({ name, payload }: RoomEvent): boolean {
    const isOfAttempt =
      name === 'message:delta' || name === 'message:status' || name === 'message:completed';
    return isOfAttempt && !this.see(payload.message_id, payload.attempt);
  }

  /** False: readers have seen a higher attempt. */
  see(messageId: number, attempt: number): boolean {
    const highest = this.#attempts.get(messageId) ?? 0;
    if (attempt > highest) this.#remember(messageId, attempt);
    return attempt >= highest;
  }

  #remember(id: number, attempt: number): void {
    this.#attempts.delete(id);
    this.#attempts.set(id, attempt);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > MOST && oldest !== undefined) this.#attempts.delete(oldest);
  }
}
