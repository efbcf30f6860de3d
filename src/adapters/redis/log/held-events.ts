import { afterReads } from '../../../domain/after-reads.js';
import type { Outgoing } from './envelope.js';

export interface Held {
  own: Outgoing;
  /** The key of the entry: the event that must come first. */
  before: string;
  since: number;
  /** Called when readers have the event. */
  told(): void;
}

/** An own event waits no longer than this for the events before it. */
const MOST_MS = 250;

/** Own events of one conversation whose place is known, and which wait for other nodes' events before them. */
export class HeldEvents {
  #byBefore = new Map<string, Held>();
  #onOverdue: () => void;
  #cancelLook: (() => void) | null = null;

  constructor(onOverdue: () => void) {
    this.#onOverdue = onOverdue;
  }

  get size(): number {
    return this.#byBefore.size;
  }

  /** The event that was added last. */
  get last(): Outgoing | null {
    return [...this.#byBefore.values()].at(-1)?.own ?? null;
  }

  /**
   * Resolves when the event has been delivered. Two events after the same one come from two stores: the second is
   * delivered when the channel brings it.
   */
  add(own: Outgoing, after: string): Promise<void> {
    const before = this.#byBefore.has(after) ? `${after} ${own.serial}` : after;
    return new Promise((told) => {
      this.#byBefore.set(before, { own, before, since: performance.now(), told });
      this.#arm();
    });
  }

  /** The event that follows `before`, if it is held here. */
  takeAfter(before: string | null): Held | undefined {
    const held = before === null ? undefined : this.#byBefore.get(before);
    if (held) this.#remove(held);
    return held;
  }

  take(serial: number): Held | undefined {
    for (const held of this.#byBefore.values()) {
      if (held.own.serial !== serial) continue;
      this.#remove(held);
      return held;
    }
    return undefined;
  }

  /** All events, in their order. */
  takeAll(): Held[] {
    const all = [...this.#byBefore.values()];
    this.#byBefore.clear();
    this.#disarm();
    return all;
  }

  #remove({ before }: Held): void {
    this.#byBefore.delete(before);
    if (this.#byBefore.size === 0) this.#disarm();
  }

  #disarm(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  #arm(): void {
    if (this.#cancelLook) return;
    const [oldest] = this.#byBefore.values();
    if (!oldest) return;
    const ms = Math.max(0, oldest.since + MOST_MS - performance.now());
    this.#cancelLook = afterReads(() => this.#look(), ms);
  }

  #look(): void {
    this.#cancelLook = null;
    const [oldest] = this.#byBefore.values();
    if (oldest && performance.now() - oldest.since >= MOST_MS) this.#onOverdue();
    else this.#arm();
  }
}
