import { stopwatch } from '../time/stopwatch.js';

/** Another tab's refresh counts as one's own for this long. */
const FRESH_MS = 5_000;
/** Another tab's message takes another path than its lock, and may arrive later. */
const NEWS_WITHIN_MS = 1_000;
/** Sent instead of a lifetime in seconds. */
const FAILED = 0;
/** A tab that the browser has frozen does not release its lock. */
const TURN_WITHIN_MS = 10_000;

/** Refreshes, and returns the lifetime of the new access token in seconds. */
type Refresh = () => Promise<number>;

/** Tabs that share a refresh. */
export interface Tabs {
  open(): void;
  close(): void;
  run(refresh: Refresh): Promise<void>;
}

/**
 * The `tabs` of `createClient` in a page with cookies. `url` distinguishes the servers whose cookies a browser has.
 * @example
 * const client = createClient({ tabs: shareRefresh() });
 */
export const shareRefresh = (url = ''): Tabs => new SharedRefresh(`parley:refresh:${url}`);

/**
 * One refresh for all tabs of a browser, which share their cookies: with Web Locks they take turns, and a
 * BroadcastChannel tells them when another tab has just refreshed. Without these each tab refreshes by itself, and
 * the server gives all of them the same successor.
 */
export class SharedRefresh implements Tabs {
  readonly #name: string;
  #channel: BroadcastChannel | null = null;
  /** Counts the refreshes of other tabs. */
  #heard = 0;
  /** The last of them still replaces a refresh. */
  #isFresh = () => false;
  readonly #waiting = new Set<() => void>();

  constructor(name: string) {
    this.#name = name;
  }

  /** Starts listening to other tabs. */
  open(): void {
    if (this.#channel !== null || typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(this.#name);
    channel.onmessage = ({ data }) => this.#hear(Number(data));
    // An open channel would keep the process alive in Node.
    if ('unref' in channel && typeof channel.unref === 'function') channel.unref();
    this.#channel = channel;
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }

  /** Calls `refresh`, unless another tab has just done so or is doing so. Rejects as `refresh` does. */
  async run(refresh: Refresh): Promise<void> {
    const heard = this.#heard;
    const wasFresh = this.#isFresh();
    const isDone = () => wasFresh || this.#heard > heard;
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

  /** Makes tabs take turns where browsers offer locks, because tabs share cookies. */
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

  /** A short-lived token soon needs another refresh, and failures are not shared. */
  #hear(lifeSeconds: number): void {
    if (lifeSeconds > FAILED) {
      const age = stopwatch();
      const freshMs = Math.min(FRESH_MS, lifeSeconds * 250);
      this.#heard += 1;
      this.#isFresh = () => age() < freshMs;
    }
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }
}
