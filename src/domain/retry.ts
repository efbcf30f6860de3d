import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../entities/errors.js';
import type { Logger } from './logger.js';

const FIRST_MS = 100;
const MOST_MS = 2_000;

/** Repeats `work` while it fails with `unavailable`. Other errors are thrown. @throws the signal's reason */
export async function retryWhileUnavailable<T>(
  work: () => Promise<T>,
  logger: Logger,
  signal?: AbortSignal,
): Promise<T> {
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 2, MOST_MS)) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      logger.warn({ err: error, pause }, 'database away, will try again');
    }
    await sleep(pause, undefined, { ref: false, ...(signal && { signal }) }).catch(() => {});
  }
}
