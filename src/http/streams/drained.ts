import { once } from 'node:events';
import type { Response } from 'express';

/** Resolves when the client has taken most of what was sent. Rejects with the reason of `signal`. */
export async function drained(res: Response, signal: AbortSignal): Promise<void> {
  if (!res.writableNeedDrain) return;
  await once(res, 'drain', { signal }).catch((error: unknown) => {
    // Node's own error would hide why the stream ends.
    throw signal.aborted ? signal.reason : error;
  });
}
