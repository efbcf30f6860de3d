import type { RoomEvent } from '../../../contract/events.js';

/** Number of answers that are remembered. A conversation runs one at a time. */
const MOST = 20;

/**
 * Knows, for the readers of one conversation, which events come too late: those of an attempt below one that they have
 * had anything of. An owner that was frozen goes on with its attempt until it learns that another node has begun anew,
 * and perhaps ended; a frozen Redis publishes only then what it was sent before.
 */
export class LateEvents {
  readonly #attempts = new Map<number, number>();

  isLate({ name, payload }: RoomEvent): boolean {
    const isOfAttempt =
      name === 'message:delta' || name === 'message:status' || name === 'message:completed';
    return isOfAttempt && !this.see(payload.message_id, payload.attempt);
  }

  /** False: readers have had something of a higher attempt. */
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
