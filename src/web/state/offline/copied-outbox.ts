import type { OutboxEntry, OutboxStorage, Pending } from '../../../client/index.js';
import type { Kept } from './kept.js';
import type { Registration } from './service-worker.js';
import { SYNC_TAG } from './sync-tag.js';

/** The outbox of a page, with copies that the service worker sends if the page is closed. */
export interface CopiedOutbox extends Required<OutboxStorage> {
  /** Copies messages from now on, if the browser has Background Sync. */
  start(registration: Registration): void;
  /** Keeps no copy of a message that was finally refused, until it is tried again: the page has said that it failed. */
  follow(pending: readonly Pending[]): void;
  /** Asks the browser to wake the worker once there is a network. */
  wake(): void;
}

export function copyOutbox(outbox: Required<OutboxStorage>, kept: Kept): CopiedOutbox {
  let sync: Registration['sync'];
  let written: Promise<unknown> = Promise.resolve();
  let refused = new Set<string>();
  const copy = (entry: OutboxEntry) => {
    if (sync !== undefined) written = kept.putUnsent(entry);
  };
  const removeCopy = (clientId: string) => {
    if (sync !== undefined) void kept.removeUnsent(clientId);
  };
  return {
    ...outbox,
    put: (entry) => {
      outbox.put(entry);
      copy(entry);
    },
    remove: (clientId) => {
      outbox.remove(clientId);
      removeCopy(clientId);
    },
    start: (registration) => {
      sync = registration.sync;
      if (sync === undefined) return;
      const waiting = outbox.all().filter(({ client_id }) => !refused.has(client_id));
      written = kept.replaceUnsent(waiting);
    },
    follow: (pending) => {
      const before = refused;
      refused = new Set();
      for (const { entry, error } of pending) {
        const { client_id } = entry;
        if (error !== null) refused.add(client_id);
        if (error !== null && !before.has(client_id)) removeCopy(client_id);
        if (error === null && before.has(client_id)) copy(entry);
      }
    },
    wake: () => void written.then(() => sync?.register(SYNC_TAG)).catch(() => undefined),
  };
}
