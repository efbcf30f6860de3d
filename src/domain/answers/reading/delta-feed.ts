import type { Cursor, RoomEvent, RoomEvents } from '../../../contract/events.js';
import type { ConversationReader } from '../../../ports/live-log.js';

type LiveDelta = RoomEvents['message:delta'];

const charsOf = ({ text, reasoning = '' }: LiveDelta) => text.length + reasoning.length;

/** Bounds of the text that waits for a slow reader. Text beyond them is dropped, and read from the log on demand. */
const MOST_DELTAS = 256;
const MOST_CHARS = 65_536;

/** The deltas of one answer that have arrived but were not taken yet, and whether some may be missing. */
export class DeltaFeed implements ConversationReader {
  #messageId: number;
  #waiting: LiveDelta[] = [];
  #chars = 0;
  /** True at first, because nothing is known yet. */
  #isDoubtful = true;
  #isSilent = true;
  #wake = () => {};

  constructor(messageId: number) {
    this.#messageId = messageId;
  }

  onEvent(event: RoomEvent): void {
    if (event.name !== 'message:delta' || event.payload.message_id !== this.#messageId) return;
    this.#isSilent = false;
    this.#waiting.push(event.payload);
    this.#chars += charsOf(event.payload);
    if (this.#waiting.length > MOST_DELTAS || this.#chars > MOST_CHARS) this.#doubt();
    this.#wake();
  }

  onResync(): void {
    this.#doubt();
    this.#wake();
  }

  /** Call it regularly. If nothing arrived since the last call, the log must be read. */
  look(): void {
    if (this.#isSilent) this.onResync();
    this.#isSilent = true;
  }

  /** The delta that follows `cursor`. Older deltas are dropped; a gap raises a doubt. */
  take({ attempt, seq }: Cursor): LiveDelta | null {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#chars -= charsOf(next);
      const isOlder = next.attempt < attempt || (next.attempt === attempt && next.seq <= seq);
      if (isOlder) continue;
      if (next.seq === (next.attempt === attempt ? seq + 1 : 1)) return next;
      this.#doubt();
    }
    return null;
  }

  /** Whether the log must be read now. Deltas that arrive from here on are kept until it has been read. */
  takeDoubt(): boolean {
    const was = this.#isDoubtful;
    this.#isDoubtful = false;
    return was;
  }

  /** Resolves at the next event; call it when nothing is left to take. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake();
  }

  #doubt(): void {
    this.#isDoubtful = true;
    this.#waiting = [];
    this.#chars = 0;
  }
}
