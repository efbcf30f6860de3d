import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
/** Characters of a value that the message shows. */
const SHOWN = 1_000;

/** Resolves to the first value that `fits`. After `withinMs` it rejects with the last one. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  fits: (value: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(`still ${JSON.stringify(value)?.slice(0, SHOWN)}`);
    }
    await sleep(POLL_MS);
  }
}
