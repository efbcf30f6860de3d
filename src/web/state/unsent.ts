import type { OutboxEntry, OutboxStorage } from '../../client/index.js';
import { readJson, type Storage } from './device/storage.js';

/** Typed text that the server does not have yet, by user: drafts and the outbox. */
export interface Unsent {
  outbox: OutboxStorage;
  draft(conversationId: number | null): string;
  setDraft(conversationId: number | null, text: string): void;
  /** Logging out removes everything. */
  forget(): void;
}

export function createUnsent(storage: Storage, userId: number): Unsent {
  const prefix = `parley:unsent:${userId}:`;
  const draftKey = (id: number | null) => `${prefix}draft:${id ?? 'new'}`;
  return {
    outbox: createOutboxStorage(storage, `${prefix}message:`),
    draft: (id) => storage.get(draftKey(id)) ?? '',
    setDraft: (id, text) => {
      if (text === '') storage.remove(draftKey(id));
      else storage.set(draftKey(id), text);
    },
    forget: () => {
      for (const key of storage.keys(prefix)) storage.remove(key);
    },
  };
}

/** One key per message, so that two tabs do not overwrite each other; the number keeps their order. */
function createOutboxStorage(storage: Storage, prefix: string): OutboxStorage {
  const keyOf = (clientId: string) =>
    storage.keys(prefix).find((key) => key.endsWith(`:${clientId}`));
  return {
    all: () =>
      storage
        .keys(prefix)
        .sort()
        .map((key) => readJson(storage, key))
        .filter(isEntry),
    put: (entry) => {
      const order = String(Date.now()).padStart(16, '0');
      storage.set(`${prefix}${order}:${entry.client_id}`, JSON.stringify(entry));
    },
    remove: (clientId) => {
      const key = keyOf(clientId);
      if (key !== undefined) storage.remove(key);
    },
  };
}

const isEntry = (value: unknown): value is OutboxEntry =>
  typeof value === 'object' &&
  value !== null &&
  'client_id' in value &&
  typeof value.client_id === 'string' &&
  'content' in value &&
  typeof value.content === 'string';
