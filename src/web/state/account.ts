import { type ReadonlySignal, signal } from '@preact/signals';
import type { Rest } from '../../client/index.js';
import type { Session } from '../../contract/accounts.js';
import type { ApiKey, KeyBody, NewApiKey } from '../../contract/keys.js';
import type { UsageReport } from '../../contract/usage.js';
import type { NewWebhook, Webhook, WebhookBody } from '../../contract/webhooks.js';

/** State and actions of the account dialog, loaded when it is opened. */
export interface Account {
  /** This device first, then by last use; null until known. */
  sessions: ReadonlySignal<readonly Session[] | null>;
  /** Null until known, and if the server has none. */
  usage: ReadonlySignal<UsageReport | null>;
  /** Newest first; null until known. */
  keys: ReadonlySignal<readonly ApiKey[] | null>;
  /** Newest first; null until known. */
  webhooks: ReadonlySignal<readonly Webhook[] | null>;
  load(): Promise<void>;
  logOut(id: string): Promise<void>;
  logOutOthers(): Promise<void>;
  createKey(body: KeyBody): Promise<NewApiKey>;
  revokeKey(id: string): Promise<void>;
  createWebhook(body: WebhookBody): Promise<NewWebhook>;
  deleteWebhook(id: string): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
}

export function createAccount(rest: Rest): Account {
  const sessions = signal<readonly Session[] | null>(null);
  const usage = signal<UsageReport | null>(null);
  const readSessions = async () => {
    const all = await rest.sessions();
    sessions.value = [...all].sort((a, b) => Number(b.current) - Number(a.current));
  };
  const keys = signal<readonly ApiKey[] | null>(null);
  const readKeys = async () => {
    keys.value = await rest.keys();
  };
  const webhooks = signal<readonly Webhook[] | null>(null);
  const readWebhooks = async () => {
    webhooks.value = await rest.webhooks();
  };
  const readUsage = async () => {
    usage.value = await rest.usage().catch(() => null);
  };
  /** The change is done, even if the list cannot be read now. */
  const thenRead = async <T>(work: Promise<T>, read: () => Promise<void>): Promise<T> => {
    const done = await work;
    await read().catch(() => undefined);
    return done;
  };
  return {
    sessions,
    usage,
    keys,
    webhooks,
    load: async () => {
      await Promise.all([readSessions(), readKeys(), readWebhooks(), readUsage()]);
    },
    logOut: async (id) => {
      await thenRead(rest.revokeSession(id), readSessions);
    },
    logOutOthers: async () => {
      await thenRead(rest.revokeOtherSessions(), readSessions);
    },
    createKey: (body) => thenRead(rest.createKey(body), readKeys),
    revokeKey: async (id) => {
      await thenRead(rest.revokeKey(id), readKeys);
    },
    createWebhook: (body) => thenRead(rest.createWebhook(body), readWebhooks),
    deleteWebhook: async (id) => {
      await thenRead(rest.deleteWebhook(id), readWebhooks);
    },
    changePassword: async (current_password, new_password) => {
      const change = rest.changePassword({ current_password, new_password });
      await thenRead(change, readSessions);
    },
  };
}
