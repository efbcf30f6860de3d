import type { RoomEvent } from '../../../contract/events.js';

/** More answers than this at once in one conversation, and the oldest is forgotten. */
const MOST = 100;

/**
 * Knows, for the readers of one conversation, which deltas come too late: those of an attempt below one that has been
 * delivered. A frozen Redis keeps what its owner sent, and publishes it when another node has long begun anew.
 */
export class LateDeltas {
  readonly #attempts = new Map<number, number>();

  isLate(event: RoomEvent): boolean {
    if (event.name === 'message:completed') this.#attempts.delete(event.payload.message_id);
    if (event.name !== 'message:delta') return false;
    const { message_id: id, attempt } = event.payload;
    const highest = this.#attempts.get(id) ?? 0;
    if (attempt > highest) this.#remember(id, attempt);
    return attempt < highest;
  }

  #remember(id: number, attempt: number): void {
    this.#attempts.set(id, attempt);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > MOST && oldest !== undefined) this.#attempts.delete(oldest);
  }
}
