/** What another tab did so lately counts as one's own. */
const FRESH_MS = 5_000;
/** The news of another tab comes on another way than its lock, and may come later. */
const NEWS_WITHIN_MS = 1_000;
/** In the place of a life in seconds. */
const FAILED = 0;
/** A tab that the browser has frozen gives its lock to nobody. */
const TURN_WITHIN_MS = 10_000;

/** Refreshes, and answers how many seconds the new access token lives. */
type Refresh = () => Promise<number>;

/**
 * One refresh for all tabs of a browser, which share their cookies: with Web Locks they take turns, and by a
 * BroadcastChannel they learn that another one just did it. Where these are missing each refreshes by itself, and
 * the server gives all the same successor.
 */
export class SharedRefresh {
  readonly #name: string;
  #channel: BroadcastChannel | null = null;
  /** When another tab was last heard of, and how long that counts for a refresh that is asked for later. */
  #heard = { at: Number.NEGATIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
  readonly #waiting = new Set<() => void>();

  constructor(name: string) {
    this.#name = name;
  }

  /** From here on it hears of other tabs. */
  open(): void {
    if (this.#channel !== null || typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(this.#name);
    channel.onmessage = ({ data }) => this.#hear(Number(data));
    // In Node an open channel would keep the process alive.
    if ('unref' in channel && typeof channel.unref === 'function') channel.unref();
    this.#channel = channel;
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }

  /** Does `refresh`, unless another tab just did or does it. Rejects as `refresh` does. */
  async run(refresh: Refresh): Promise<void> {
    const asked = Date.now();
    const isDone = () => this.#heard.at >= asked || this.#heard.until > asked;
    await this.#inTurn(async (waited) => {
      if (waited && !isDone()) await this.#news();
      if (isDone()) return;
      const tell = (lifeSeconds: number) => this.#channel?.postMessage(lifeSeconds);
      tell(
        await refresh().catch((error: unknown) => {
          tell(FAILED);
          throw error;
        }),
      );
    });
  }

  /** Only browsers, whose cookies are shared, have a need for turns. */
  async #inTurn(work: (waited: boolean) => Promise<void>): Promise<void> {
    const locks = this.#channel === null ? undefined : globalThis.navigator?.locks;
    if (locks === undefined) return work(false);
    const free = await locks.request(this.#name, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await work(false);
      return lock !== null;
    });
    if (!free) await this.#waitForTurn(locks, () => work(true));
  }

  async #waitForTurn(locks: LockManager, work: () => Promise<void>): Promise<void> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), TURN_WITHIN_MS);
    let begun = false;
    const begin = () => {
      begun = true;
      clearTimeout(timer);
      return work();
    };
    await locks.request(this.#name, { signal: giveUp.signal }, begin).catch((error: unknown) => {
      if (begun) throw error;
      return begin();
    });
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, NEWS_WITHIN_MS);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** A token that hardly lives is soon to be refreshed again; a failure is everybody's own. */
  #hear(lifeSeconds: number): void {
    const at = Date.now();
    const until = at + Math.min(FRESH_MS, lifeSeconds * 250);
    if (lifeSeconds > FAILED) this.#heard = { at, until };
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }
}
