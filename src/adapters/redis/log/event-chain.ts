/** Events older than the beginning may arrive for this long after it. */
const CATCH_UP_MS = 1_000;

interface Start {
  tag: string;
  until: number;
}

/**
 * The position of one conversation's readers on this node. Each event names the one before it, so that the next event
 * shows any loss: a lost message, or a store that was emptied, set back or replaced.
 */
export class EventChain {
  /** The newest event from the channel; null before anything is known. */
  #heard: string | null = null;
  /** The newest own event that was delivered before the channel brought it. */
  #ahead: string | null = null;
  #start: Start | null = null;
  #count = 0;

  /** The newest event that readers here have, or that is older than they are. */
  get newest(): string | null {
    return this.#ahead ?? this.#heard;
  }

  /** Changes with every received event. */
  get count(): number {
    return this.#count;
  }

  /**
   * `stored`: the newest in the store after the subscription was established. Events received since then count more.
   */
  begin(stored: string | null): void {
    if (this.#heard === null) this.#restart(stored ?? '');
  }

  /** Whether readers have everything before the event that follows `before`. */
  isNext(before: string): boolean {
    const { newest } = this;
    return newest === null || newest === before;
  }

  /** An own event was delivered whose place is known from the store. */
  goAhead(tag: string): void {
    if (this.#heard !== null) this.#ahead = tag;
  }

  /** Takes an event of the channel. False: there is a gap before it. */
  hear(before: string, tag: string): boolean {
    if (this.#isOlder(before, tag)) return true;
    const unbroken = this.#heard === null || before === this.#heard;
    this.#heard = tag;
    this.#count += 1;
    if (!unbroken || this.#ahead === tag) this.#ahead = null;
    return unbroken;
  }

  /** Takes the store's newest tag while nothing was received. True: readers may lack something. */
  compare(stored: string | null): boolean {
    if (stored !== null && stored === this.newest) return false;
    this.#restart(stored ?? '');
    return true;
  }

  #restart(tag: string): void {
    this.#heard = tag;
    this.#ahead = null;
    this.#start = tag === '' ? null : { tag, until: performance.now() + CATCH_UP_MS };
  }

  /** Whether the event is older than the beginning, or is the beginning: it was on its way when the store was asked. */
  #isOlder(before: string, tag: string): boolean {
    const start = this.#start;
    if (!start) return false;
    if (before !== start.tag && tag !== start.tag && performance.now() < start.until) return true;
    this.#start = null;
    return tag === start.tag;
  }
}
