import { performance } from 'node:perf_hooks';
import { setTimeout as rest } from 'node:timers/promises';

/** Does a piece of work, in its turn if it is large. */
export type InTurn = <T>(work: () => T) => Promise<T>;

/** A rest takes this many times as long as the work before it. */
const REST = 2;

/**
 * Runs work that takes the event loop for tens of milliseconds, one piece after the other with rests between them. So
 * other callers are served meanwhile, however much of it there is.
 */
export class LargeWork {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws any error of `work`; the reason of `signal`, if it ends before the turn has come */
  run<T>(work: () => T, signal: AbortSignal): Promise<T> {
    let ms = 0;
    const run = this.#last.then(() => {
      signal.throwIfAborted();
      const begun = performance.now();
      try {
        return work();
      } finally {
        ms = performance.now() - begun;
      }
    });
    this.#last = run.catch(() => {}).then(() => (ms > 0 ? rest(ms * REST) : undefined));
    return run;
  }
}
