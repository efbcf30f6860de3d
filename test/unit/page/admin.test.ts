import { expect } from 'chai';
import { type AdminRest, ParleyError, type RestPage } from '../../../src/client/index.js';
import type { ManagedUser, ModelCheck, Role, UserListQuery } from '../../../src/contract/admin.js';
import type { AuditEntry } from '../../../src/contract/audit.js';
import type { Invitation, NewInvitation } from '../../../src/contract/invitations.js';
import { createAdmin } from '../../../src/web/state/admin/admin.js';
import { NO_FILTER } from '../../../src/web/state/admin/audit-trail.js';

const refusal = (code: 'forbidden' | 'unavailable') =>
  new ParleyError({ code, message: code, retryable: false });
const person = (id: number, username = `user${id}`) => ({ id, username }) as ManagedUser;
const pageOf = <T>(entries: T[], next_cursor: string | null = null): RestPage<T> => ({
  entries,
  next_cursor,
});
const failed = new Error('asked once more than there are replies');
const MADE = { id: 7, token: 'secret', url: 'https://x/#/invitation/secret' } as NewInvitation;

interface Reply<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A reply that the test gives later. */
function later<T>(): Reply<T> {
  const reply: Partial<Reply<T>> = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(reply, { resolve, reject }));
  return Object.assign(reply, { promise }) as Reply<T>;
}

/** The state of the page, with the server's replies that the test needs. */
const startAdmin = (replies: Partial<AdminRest>) => createAdmin(replies as AdminRest);

describe('the state of the page of administrators', () => {
  it('reads the people page by page, those who are searched from the beginning', async () => {
    const queries: UserListQuery[] = [];
    const { people, search } = startAdmin({
      users: async (query = {}) => {
        queries.push(query);
        return query.cursor ? pageOf([person(1)]) : pageOf([person(3), person(2)], 'second');
      },
    });
    expect(people.entries.value).to.equal(null);
    await people.load();
    expect([people.entries.value?.length, people.hasMore.value]).to.deep.equal([2, true]);
    await people.more();
    expect(people.entries.value?.map(({ id }) => id)).to.deep.equal([3, 2, 1]);
    expect(people.hasMore.value).to.equal(false);
    await search('ada');
    expect(people.entries.value).to.have.length(2);
    await people.more();
    await search('');
    expect(queries).to.deep.equal([
      ...[{}, { cursor: 'second' }],
      ...[{ q: 'ada' }, { q: 'ada', cursor: 'second' }, {}],
    ]);
  });

  it('looks through the audit log once for one event, and again for a later one while the same is under way', async () => {
    const replies: Reply<RestPage<AuditEntry>>[] = [];
    const { audit } = startAdmin({
      audit: () => {
        const reply = later<RestPage<AuditEntry>>();
        replies.push(reply);
        return reply.promise;
      },
    });
    const ofAda = { ...NO_FILTER, subject: 'ada' };
    const twice = [audit.look(ofAda), audit.look({ ...ofAda })];
    expect(replies).to.have.length(1);
    const other = audit.look({ ...ofAda, action: 'key_created' });
    expect(replies).to.have.length(2);
    await new Promise((resolve) => setTimeout(resolve));
    const again = audit.look({ ...ofAda, action: 'key_created' });
    expect(replies).to.have.length(3);
    replies[0]?.resolve(pageOf([]));
    replies[1]?.reject(refusal('unavailable'));
    expect(await Promise.all([...twice, other])).to.deep.equal([false, false, false]);
    replies[2]?.reject(refusal('unavailable'));
    expect(await again.catch(({ code }) => code)).to.equal('unavailable');
    await new Promise((resolve) => setTimeout(resolve));
    const last = audit.look({ ...ofAda, action: 'key_created' });
    replies[3]?.resolve(pageOf([]));
    expect(await last).to.equal(true);
    expect(replies).to.have.length(4);
  });

  it('shows what was searched last, whatever comes of earlier searches', async () => {
    const replies = new Map<string, Reply<RestPage<ManagedUser>>>();
    const { people, search } = startAdmin({
      users: ({ q = '' } = {}) => {
        const reply = later<RestPage<ManagedUser>>();
        replies.set(q, reply);
        return reply.promise;
      },
    });
    const all = ['a', 'ad', 'ada'].map((word) => search(word));
    replies.get('ada')?.resolve(pageOf([person(9)]));
    replies.get('a')?.resolve(pageOf([person(1), person(2)]));
    replies.get('ad')?.reject(refusal('unavailable'));
    expect(await Promise.all(all)).to.deep.equal([false, false, true]);
    expect(people.entries.value?.map(({ id }) => id)).to.deep.equal([9]);
    const last = search('eve');
    replies.get('eve')?.reject(refusal('unavailable'));
    expect(await last.catch(({ code }) => code)).to.equal('unavailable');
  });

  it('shows a changed person in their place', async () => {
    const changes: unknown[] = [];
    const { people, change } = startAdmin({
      users: async () => pageOf([person(2), person(1)]),
      changeUser: async (id, body) => {
        changes.push([id, body]);
        return person(id, 'renamed');
      },
    });
    await change(1, { is_active: false });
    expect(people.entries.value).to.equal(null);
    await people.load();
    await change(1, { roles: [] });
    expect(people.entries.value?.map(({ username }) => username)).to.deep.equal([
      ...['user2', 'renamed'],
    ]);
    expect(changes).to.deep.equal([
      [1, { is_active: false }],
      [1, { roles: [] }],
    ]);
  });

  it('reads no further page of a list that is being read anew', async () => {
    const asked: UserListQuery[] = [];
    let reply = later<RestPage<ManagedUser>>();
    const { people, search } = startAdmin({
      users: (query = {}) => {
        asked.push(query);
        return reply.promise;
      },
    });
    reply.resolve(pageOf([person(3)], 'second'));
    await people.load();
    reply = later();
    const searched = search('ada');
    await people.more();
    reply.resolve(pageOf([person(9)]));
    expect(await searched).to.equal(true);
    expect(people.entries.value?.map(({ id }) => id)).to.deep.equal([9]);
    expect(asked).to.deep.equal([{}, { q: 'ada' }]);
  });

  it('keeps a person who was changed while the list was read', async () => {
    const reply = later<RestPage<ManagedUser>>();
    const { people, change } = startAdmin({
      users: () => reply.promise,
      changeUser: async (id) => person(id, 'renamed'),
    });
    const read = people.load();
    await change(1, { is_active: false });
    reply.resolve(pageOf([person(2), person(1)]));
    await read;
    expect(people.entries.value?.map(({ username }) => username)).to.deep.equal([
      ...['user2', 'renamed'],
    ]);
  });

  it('keeps roles as they were changed while the list was read', async () => {
    const role = (name: string, tokens_per_day: number | null = null) =>
      ({ name, tokens_per_day }) as Role;
    const reply = later<Role[]>();
    const { roleList, loadRoleList, createRole, changeRole, deleteRole } = startAdmin({
      roles: () => reply.promise,
      createRole: async () => role('made'),
      changeRole: async (name) => role(name, 5),
      deleteRole: async () => ({ message: 'done' }),
    });
    const read = loadRoleList();
    await createRole({ name: 'made', permissions: [] });
    await changeRole('user', { tokens_per_day: 5 });
    await deleteRole('old');
    reply.resolve(['user', 'old', 'made'].map((name) => role(name)));
    await read;
    expect(roleList.value).to.deep.equal([role('user', 5), role('made')]);
  });

  it('shows the result of the newest test of the model', async () => {
    const replies = [later<ModelCheck>(), later<ModelCheck>()];
    const left = [...replies];
    const { check, testModel } = startAdmin({
      testModel: () => left.shift()?.promise ?? Promise.reject(failed),
    });
    const [first, second] = [testModel(), testModel()];
    replies[1]?.resolve({ model: 'm', ok: true } as ModelCheck);
    await second;
    replies[0]?.resolve({ model: 'm', ok: false } as ModelCheck);
    await first;
    expect(check.value?.ok).to.equal(true);
  });

  it('has no roles for whoever may not see them', async () => {
    let result: Promise<Role[]> = Promise.resolve([{ name: 'user' }, { name: 'admin' }] as Role[]);
    const { roles, loadRoles } = startAdmin({ roles: () => result });
    await loadRoles();
    expect(roles.value).to.deep.equal(['user', 'admin']);
    result = Promise.reject(refusal('forbidden'));
    await loadRoles();
    expect(roles.value).to.deep.equal([]);
    result = Promise.reject(refusal('unavailable'));
    expect(await loadRoles().catch(({ code }) => code)).to.equal('unavailable');
  });

  it('gives the link of a new invitation, and reads the list again', async () => {
    let listed: Invitation[] = [];
    const { invitations, invite, revoke } = startAdmin({
      invitations: async () => pageOf(listed),
      invite: async () => {
        listed = [MADE];
        return MADE;
      },
      revokeInvitation: async () => {
        listed = [];
        return { message: 'done' };
      },
    });
    expect(await invite({})).to.equal(MADE);
    expect(invitations.entries.value).to.deep.equal([MADE]);
    await revoke(MADE.id);
    expect(invitations.entries.value).to.deep.equal([]);
  });

  it('does not lose a link, or fail to revoke, because the list cannot be read', async () => {
    const revoked: number[] = [];
    const { invite, revoke } = startAdmin({
      invitations: () => Promise.reject(refusal('unavailable')),
      invite: async () => MADE,
      revokeInvitation: async (id) => {
        revoked.push(id);
        return { message: 'done' };
      },
    });
    expect((await invite({})).url).to.equal(MADE.url);
    await revoke(7);
    expect(revoked).to.deep.equal([7]);
  });

  it('asks the model, and shows no earlier result meanwhile', async () => {
    let reply = later<ModelCheck>();
    const { check, testModel } = startAdmin({ testModel: () => reply.promise });
    const asked = testModel();
    reply.resolve({ model: 'm', ok: true } as ModelCheck);
    await asked;
    expect(check.value?.model).to.equal('m');
    reply = later();
    const again = testModel();
    expect(check.value).to.equal(null);
    reply.reject(refusal('unavailable'));
    expect(await again.catch(({ code }) => code)).to.equal('unavailable');
    expect(check.value).to.equal(null);
  });
});
