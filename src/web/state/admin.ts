import { type ReadonlySignal, signal } from '@preact/signals';
import { type AdminRest, createAdminRest, ParleyError, type RestPage } from '../../client/index.js';
import type { User } from '../../contract/accounts.js';
import type { AccountChange, GatewayNode, ModelCheck, QueueReport } from '../../contract/admin.js';
import type { Invitation, InvitationBody, NewInvitation } from '../../contract/invitations.js';

/** A list that grows by pages; null until it is known. */
export interface Listed<T> {
  entries: ReadonlySignal<readonly T[] | null>;
  hasMore: ReadonlySignal<boolean>;
  load(): Promise<void>;
  more(): Promise<void>;
}

/** State and actions of the page of administrators, loaded when it is opened. */
export interface Admin {
  people: Listed<User>;
  search(q: string): Promise<void>;
  change(id: number, change: AccountChange): Promise<void>;
  /** Names, oldest first; empty if this administrator may not see them. */
  roles: ReadonlySignal<readonly string[]>;
  loadRoles(): Promise<void>;
  invitations: Listed<Invitation>;
  invite(body: InvitationBody): Promise<NewInvitation>;
  revoke(id: number): Promise<void>;
  /** Null until they are known. */
  nodes: ReadonlySignal<readonly GatewayNode[] | null>;
  queue: ReadonlySignal<QueueReport | null>;
  loadNodes(): Promise<void>;
  drain(id: string): Promise<void>;
  check: ReadonlySignal<ModelCheck | null>;
  testModel(): Promise<void>;
}

/** The model may have to be loaded first. */
const TIMEOUT_MS = 70_000;

/** `renew`: makes a call that renews the cookies, if they have expired. */
export const openAdminRest = (
  language: () => string,
  renew: (thanMs: number) => Promise<void>,
): AdminRest =>
  createAdminRest({ url: '', token: () => null, language, timeoutMs: TIMEOUT_MS, renew });

export function createAdmin(rest: AdminRest): Admin {
  const roles = signal<readonly string[]>([]);
  const check = signal<ModelCheck | null>(null);
  const nodes = signal<readonly GatewayNode[] | null>(null);
  const queue = signal<QueueReport | null>(null);
  const loadNodes = async () => {
    [nodes.value, queue.value] = await Promise.all([rest.nodes(), rest.queue()]);
  };
  let q = '';
  const people = createListed<User>((cursor) =>
    rest.users({ ...(q !== '' && { q }), ...(cursor !== null && { cursor }) }),
  );
  const invitations = createListed<Invitation>((cursor) =>
    rest.invitations(cursor === null ? {} : { cursor }),
  );
  // What was asked for is done, even if the list cannot be read now.
  const relist = () => invitations.load().catch(() => undefined);
  return {
    people,
    search: (text) => {
      q = text;
      return people.load();
    },
    change: async (id, change) => {
      people.replace(await rest.changeUser(id, change));
    },
    roles,
    loadRoles: async () => {
      const all = await rest.roles().catch((error: unknown) => {
        if (error instanceof ParleyError && error.code === 'forbidden') return [];
        throw error;
      });
      roles.value = all.map(({ name }) => name);
    },
    invitations,
    invite: async (body) => {
      const made = await rest.invite(body);
      await relist();
      return made;
    },
    revoke: async (id) => {
      await rest.revokeInvitation(id);
      await relist();
    },
    nodes,
    queue,
    loadNodes,
    drain: async (id) => {
      await rest.drainNode(id);
      await loadNodes();
    },
    check,
    testModel: async () => {
      check.value = null;
      check.value = await rest.testModel();
    },
  };
}

function createListed<T extends { id: number }>(
  read: (cursor: string | null) => Promise<RestPage<T>>,
): Listed<T> & { replace(entry: T): void } {
  const entries = signal<readonly T[] | null>(null);
  const hasMore = signal(false);
  let cursor: string | null = null;
  /** A reply to an earlier question is dropped. */
  let asked = 0;
  const take = async (from: string | null) => {
    asked += 1;
    const mine = asked;
    const isOld = () => mine !== asked;
    const page = await read(from).catch((error: unknown) => {
      if (isOld()) return null;
      throw error;
    });
    if (page === null || isOld()) return;
    entries.value = from === null ? page.entries : [...(entries.value ?? []), ...page.entries];
    cursor = page.next_cursor;
    hasMore.value = cursor !== null;
  };
  return {
    entries,
    hasMore,
    load: () => take(null),
    more: () => take(cursor),
    replace: (entry) => {
      entries.value = entries.value?.map((item) => (item.id === entry.id ? entry : item)) ?? null;
    },
  };
}
