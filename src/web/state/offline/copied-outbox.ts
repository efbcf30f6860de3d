import type { OutboxStorage } from '../../../client/index.js';
import type { Kept } from './kept.js';
import type { Registration } from './service-worker.js';
import { SYNC_TAG } from './sync-tag.js';

/** The outbox of a page, with copies that the service worker sends if the page is closed. */
export interface CopiedOutbox extends OutboxStorage {
  /** Copies messages from now on, if the browser has Background Sync. */
  start(registration: Registration): void;
  /** Asks the browser to wake the worker once there is a network. */
  wake(): void;
}

export function copyOutbox(outbox: OutboxStorage, kept: Kept): CopiedOutbox {
  let sync: Registration['sync'];
  let written: Promise<unknown> = Promise.resolve();
  return {
    all: () => outbox.all(),
    put: (entry) => {
      outbox.put(entry);
      if (sync !== undefined) written = kept.putUnsent(entry);
    },
    remove: (clientId) => {
      outbox.remove(clientId);
      if (sync !== undefined) void kept.removeUnsent(clientId);
    },
    start: (registration) => {
      sync = registration.sync;
      if (sync !== undefined) written = kept.replaceUnsent(outbox.all());
    },
    wake: () => void written.then(() => sync?.register(SYNC_TAG)).catch(() => undefined),
  };
}
