import type { OutboxEntry, OutboxStorage } from '../../client/index.js';
import { readJson, type Storage } from './device/storage.js';

/** Typed text that the server does not have yet, by user: drafts and the outbox. */
export interface Unsent {
  outbox: Required<OutboxStorage>;
  draft(conversationId: number | null): string;
  setDraft(conversationId: number | null, text: string): void;
  /** Logging out removes everything. */
  forget(): void;
}

/** No page that has a message in its outbox stays open for longer, without a connection. */
const REMEMBERED_MS = 30 * 86_400_000;

export function createUnsent(storage: Storage, userId: number): Unsent {
  const prefix = `parley:unsent:${userId}:`;
  const draftKey = (id: number | null) => `${prefix}draft:${id ?? 'new'}`;
  return {
    outbox: createOutboxStorage(storage, `${prefix}message:`, `${prefix}discarded:`),
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
function createOutboxStorage(
  storage: Storage,
  prefix: string,
  discarded: string,
): Required<OutboxStorage> {
  const keyOf = (clientId: string) =>
    storage.keys(prefix).find((key) => key.endsWith(`:${clientId}`));
  const forgetOld = () => {
    for (const key of storage.keys(discarded))
      if (!(Date.now() - Number(storage.get(key)) < REMEMBERED_MS)) storage.remove(key);
  };
  return {
    all: () => {
      forgetOld();
      return storage
        .keys(prefix)
        .sort()
        .map((key) => readJson(storage, key))
        .filter(isEntry);
    },
    put: (entry) => {
      const order = String(Date.now()).padStart(16, '0');
      storage.set(`${prefix}${order}:${entry.client_id}`, JSON.stringify(entry));
    },
    remove: (clientId) => {
      const key = keyOf(clientId);
      if (key !== undefined) storage.remove(key);
    },
    discard: (clientId) => storage.set(`${discarded}${clientId}`, String(Date.now())),
    isDiscarded: (clientId) => storage.get(`${discarded}${clientId}`) !== null,
  };
}

const isEntry = (value: unknown): value is OutboxEntry =>
  typeof value === 'object' &&
  value !== null &&
  'client_id' in value &&
  typeof value.client_id === 'string' &&
  'content' in value &&
  typeof value.content === 'string';
