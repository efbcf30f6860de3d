import type { ReadonlySignal } from '@preact/signals';
import type { Rest } from '../../client/index.js';
import type { Session } from '../../contract/accounts.js';
import type { ApiKey, KeyBody, NewApiKey } from '../../contract/keys.js';
import type { UsageReport } from '../../contract/usage.js';
import type { NewWebhook, Webhook, WebhookBody } from '../../contract/webhooks.js';
import { createLatest, type Latest } from './latest.js';

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
  const sessions = createLatest<readonly Session[]>(async () =>
    [...(await rest.sessions())].sort((a, b) => Number(b.current) - Number(a.current)),
  );
  const keys = createLatest<readonly ApiKey[]>(() => rest.keys());
  const webhooks = createLatest<readonly Webhook[]>(() => rest.webhooks());
  const usage = createLatest(() => rest.usage());
  /** The change is done, even if the list cannot be read now. */
  const thenRead = async <T, L>(work: Promise<T>, list: Latest<L>, edit?: (all: L) => L) => {
    const done = await work;
    if (edit) list.change(edit);
    await list.read().catch(() => undefined);
    return done;
  };
  const without =
    (id: string) =>
    <T extends { id: string }>(all: readonly T[]): readonly T[] =>
      all.filter((each) => each.id !== id);
  return {
    sessions: sessions.value,
    usage: usage.value,
    keys: keys.value,
    webhooks: webhooks.value,
    load: async () => {
      const readUsage = () => usage.read().catch(() => usage.clear());
      await Promise.all([sessions.read(), keys.read(), webhooks.read(), readUsage()]);
    },
    logOut: async (id) => {
      await thenRead(rest.revokeSession(id), sessions, without(id));
    },
    logOutOthers: async () => {
      await thenRead(rest.revokeOtherSessions(), sessions);
    },
    createKey: (body) => thenRead(rest.createKey(body), keys),
    revokeKey: async (id) => {
      await thenRead(rest.revokeKey(id), keys, without(id));
    },
    createWebhook: (body) => thenRead(rest.createWebhook(body), webhooks),
    deleteWebhook: async (id) => {
      await thenRead(rest.deleteWebhook(id), webhooks, without(id));
    },
    changePassword: async (current_password, new_password) => {
      const change = rest.changePassword({ current_password, new_password });
      await thenRead(change, sessions);
    },
  };
}
