import { once } from 'node:events';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { judged } from '../../../lab/people/judged.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import { createClient } from '../../../lab/stores/client.js';
import type { User } from '../../../src/contract/accounts.js';
import type { GatewayNode, QueueReport, Role } from '../../../src/contract/admin.js';
import type { AuditEntry } from '../../../src/contract/audit.js';
import type { Problem } from '../../../src/contract/errors.js';

describe('Administrators', () => {
  let app: TestApp;
  let faults: string[];
  let root: Account;
  let serial = 0;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ LIMIT_SCALE: '0' })));
    app.upstream.otherwise(answer('yes'));
  });
  beforeEach(async () => {
    await app.rows('DELETE FROM users');
    await app.rows(`DELETE FROM roles WHERE name NOT IN ('user', 'admin')`);
    serial += 1;
    root = await app.register(`root${serial}`);
    await makeAdmin(app, root);
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

  const person = (name: string) => app.register(`${name}${serial}`);
  const as = ({ token }: Account, method: string, path: string, body?: unknown) =>
    app.call<Problem & User & Role>(path, { method, token, ...(body !== undefined && { body }) });
  const change = (by: Account, { id }: Account, body: object) =>
    as(by, 'PATCH', `/admin/users/${id}`, body);
  const codes = (answers: { status: number; body: { code?: string } }[]) =>
    answers.map(({ status, body }) => body.code ?? status);

  describe('list accounts', () => {
    const list = (query: string) => app.call<User[]>(`/admin/users${query}`, { token: root.token });
    const names = async (query: string) => (await list(query)).body.map(({ username }) => username);

    it('newest first, in pages, each once', async () => {
      for (const name of ['ann', 'bob', 'cem', 'dan']) await person(name);
      const seen: string[] = [];
      let next: string | undefined = '?limit=2';
      while (next !== undefined) {
        const { headers, body } = await list(next);
        expect(body.length).to.be.at.most(2);
        seen.push(...body.map(({ username }) => username.replace(/\d+$/, '')));
        next = /<\/admin\/users(\?[^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
      }
      expect(seen).to.deep.equal(['dan', 'cem', 'bob', 'ann', 'root']);
    });

    it('by a part of the address or the name, without case and without patterns', async () => {
      await person('Ann');
      await person('bob');
      expect(await names('?q=aNN')).to.deep.equal([`Ann${serial}`]);
      expect(await names('?q=BOB%25')).to.deep.equal([]);
      expect(await names(`?q=bob${serial}%40example`)).to.deep.equal([`bob${serial}`]);
      expect(await names('?q=_')).to.deep.equal([]);
    });

    it('with all that the owner sees of it, and nothing of the password', async () => {
      const { body } = await list('?limit=1');
      const own = await app.call<User>('/users/me', { token: root.token });
      const quota = { tokens_per_day: null, tokens_per_month: null };
      expect(body).to.deep.equal([{ ...own.body, ...quota }]);
    });

    it('refuse cursors and sizes that are none', async () => {
      for (const query of ['?cursor=nonsense', '?limit=0', '?limit=101', '?cursor=']) {
        expect((await as(root, 'GET', `/admin/users${query}`)).body.code, query).to.equal(
          'validation_failed',
        );
      }
    });
  });

  describe('disable an account', () => {
    it('which drops its sockets, its sessions and its way back in', async () => {
      const ann = await person('ann');
      const device = await app.device(ann);
      const gone = once(device.socket as never, 'disconnect');
      const { status, body } = await change(root, ann, { is_active: false });
      expect([status, body.is_active]).to.deep.equal([200, false]);
      expect(await device.until('session:ended')).to.deep.equal({ code: 'account_disabled' });
      await gone;
      const login = () => app.call('/auth/login', { body: { ...ann } });
      expect(codes([await as(ann, 'GET', '/users/me'), await login()])).to.deep.equal([
        'account_disabled',
        'account_disabled',
      ]);
      await change(root, ann, { is_active: true });
      expect(codes([await as(ann, 'GET', '/users/me'), await login()])).to.deep.equal([
        'session_revoked',
        200,
      ]);
    });

    it('whose running answer comes to its end, and who begins no other', async () => {
      const ann = await person('ann');
      const device = await app.device(ann);
      const held = app.upstream.next();
      const sent = await device.ask('message:send', { client_id: 'c-1', content: 'go' });
      held.write('first ');
      await device.until('message:delta');
      await change(root, ann, { is_active: false });
      held.write('last');
      held.finish();
      const stored = () =>
        app.rows('SELECT status, content FROM messages WHERE id = $1', [sent.assistant_message.id]);
      const [message] = await eventually(stored, ([row]) => row?.status !== 'streaming');
      expect(message).to.deep.equal({ status: 'completed', content: 'first last' });
      const chat = await as(ann, 'POST', '/agent/chat', { message: 'again' });
      expect(chat.body.code).to.equal('account_disabled');
    });
  });

  describe('give and take roles', () => {
    it('which act upon sockets that are open', async () => {
      const ann = await person('ann');
      const device = await app.device(ann);
      const isForbidden = async () => {
        const ack = await device.emit('conversation:list', {});
        return !ack.ok && ack.error.code === 'forbidden';
      };
      const { body } = await change(root, ann, { roles: [] });
      expect(body.roles).to.deep.equal([]);
      await eventually(isForbidden, (forbidden) => forbidden);
      await change(root, ann, { roles: ['user', 'admin'] });
      await eventually(isForbidden, (forbidden) => !forbidden);
      expect((await as(ann, 'GET', '/admin/users')).status).to.equal(200);
      expect(device.socket.connected).to.equal(true);
    });

    it('of which every one exists', async () => {
      const ann = await person('ann');
      const { status, body } = await change(root, ann, { roles: ['user', 'wizard'] });
      expect([status, body.code]).to.deep.equal([422, 'validation_failed']);
      expect(body.errors?.map(({ path }) => path)).to.deep.equal(['roles.1']);
      const nobody = await as(root, 'PATCH', '/admin/users/999999', { roles: ['user'] });
      expect(nobody.status).to.equal(404);
    });

    it('and change nothing else that a body may name', async () => {
      const ann = await person('ann');
      const { body } = await change(root, ann, { id: 1, email: 'x@example.com', username: 'x' });
      expect(body).to.include({ id: ann.id, email: ann.email, username: ann.username });
    });
  });

  describe('are never none', () => {
    it('the last active one can neither be disabled, nor lose the role, nor leave', async () => {
      const ann = await person('ann');
      await makeAdmin(app, ann);
      await change(root, ann, { is_active: false });
      const tried = [
        await change(root, root, { is_active: false }),
        await change(root, root, { roles: ['user'] }),
        await as(root, 'DELETE', '/users/me'),
      ];
      expect(codes(tried)).to.deep.equal(['conflict', 'conflict', 'conflict']);
      await change(root, ann, { is_active: true });
      expect((await as(root, 'DELETE', '/users/me')).status).to.equal(200);
    });

    it('also when two take the role from each other at the same moment', async () => {
      const ann = await person('ann');
      await makeAdmin(app, ann);
      const holder = createClient(app.databaseUrl);
      await holder.connect();
      // Neither change can finish before both have begun.
      await holder.query('BEGIN; LOCK TABLE audit_log IN SHARE MODE');
      const both = Promise.all([
        change(root, ann, { roles: ['user'] }),
        change(ann, root, { roles: ['user'] }),
      ]);
      const waiting = () =>
        app.rows(`SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database OR l.database IS NULL
                  WHERE NOT granted AND d.datname = current_database()`);
      await eventually(waiting, (locks) => locks.length >= 2);
      await holder.query('COMMIT');
      await holder.end();
      expect(codes(await both)).to.have.members([200, 'forbidden']);
    });
  });

  describe('of lower rank', () => {
    let helper: Account;

    beforeEach(async () => {
      helper = await person('helper');
      const permissions = ['users:read', 'users:write', 'roles:read', 'roles:write'];
      const made = await as(root, 'POST', '/admin/roles', { name: 'support', permissions });
      expect(made.status).to.equal(201);
      await change(root, helper, { roles: ['support'] });
    });

    it('may act upon users who may do no more than themselves', async () => {
      const ann = await person('ann');
      const done = [
        await change(helper, ann, { is_active: false }),
        await change(helper, ann, { is_active: true, roles: ['user', 'support'] }),
      ];
      expect(codes(done)).to.deep.equal([200, 200]);
    });

    it('may neither touch an administrator nor become one', async () => {
      const tried = [
        await change(helper, root, { is_active: false }),
        await change(helper, root, { roles: ['user'] }),
        await change(helper, helper, { roles: ['support', 'admin'] }),
        await as(helper, 'POST', '/admin/roles', { name: 'spy', permissions: ['audit:read'] }),
        await as(helper, 'PATCH', '/admin/roles/support', { permissions: ['audit:read'] }),
        await as(helper, 'PATCH', '/admin/roles/admin', { permissions: [] }),
        await as(helper, 'DELETE', '/admin/roles/admin'),
      ];
      expect(codes(tried)).to.deep.equal(tried.map(() => 'forbidden'));
      expect((await as(root, 'GET', '/users/me')).body.roles).to.include('admin');
    });
  });

  describe('define roles', () => {
    it('list, make, change and delete them', async () => {
      const made = await as(root, 'POST', '/admin/roles', {
        name: 'reader',
        permissions: ['users:read', 'conversations:read'],
      });
      expect(made.status).to.equal(201);
      expect(made.body).to.deep.include({
        name: 'reader',
        permissions: ['conversations:read', 'users:read'],
        tokens_per_day: null,
        tokens_per_month: null,
        built_in: false,
      });
      const changed = await as(root, 'PATCH', '/admin/roles/reader', { permissions: [] });
      expect(changed.body).to.deep.include({ name: 'reader', permissions: [] });
      const names = async () =>
        (await app.call<Role[]>('/admin/roles', { token: root.token })).body.map((r) => r.name);
      expect(await names()).to.deep.equal(['user', 'admin', 'reader']);
      expect((await as(root, 'DELETE', '/admin/roles/reader')).status).to.equal(200);
      expect(await names()).to.deep.equal(['user', 'admin']);
      expect((await as(root, 'DELETE', '/admin/roles/reader')).body.code).to.equal('not_found');
    });

    it('whose change and end act upon sockets that are open', async () => {
      const ann = await person('ann');
      const permissions = ['conversations:read'];
      await as(root, 'POST', '/admin/roles', { name: 'reader', permissions });
      await change(root, ann, { roles: ['reader'] });
      const device = await app.device(ann);
      const works = async () => (await device.emit('conversation:list', {})).ok;
      expect(await works()).to.equal(true);
      await as(root, 'PATCH', '/admin/roles/reader', { permissions: [] });
      await eventually(works, (ok) => !ok);
      await as(root, 'PATCH', '/admin/roles/reader', { permissions });
      await eventually(works, (ok) => ok);
      await as(root, 'DELETE', '/admin/roles/reader');
      await eventually(works, (ok) => !ok);
    });

    it('but not those that are always there, nor a name twice, nor what means nothing', async () => {
      const body = { name: 'reader', permissions: [] };
      await as(root, 'POST', '/admin/roles', body);
      const tried = [
        await as(root, 'POST', '/admin/roles', body),
        await as(root, 'DELETE', '/admin/roles/user'),
        await as(root, 'DELETE', '/admin/roles/admin'),
        await as(root, 'PATCH', '/admin/roles/admin', { permissions: [] }),
        await as(root, 'POST', '/admin/roles', { name: 'Reader!', permissions: [] }),
        await as(root, 'POST', '/admin/roles', { name: 'x', permissions: ['fly'] }),
        await as(root, 'POST', '/admin/roles', { name: 'x', permissions: [{}] }),
      ];
      expect(codes(tried)).to.deep.equal([
        ...Array(4).fill('conflict'),
        ...Array(3).fill('validation_failed'),
      ]);
    });

    it('and no more than there may be', async () => {
      await app.rows(
        `INSERT INTO roles (name) SELECT 'r' || i FROM generate_series(1, 100 - (SELECT count(*) FROM roles)) i`,
      );
      const more = await as(root, 'POST', '/admin/roles', { name: 'more', permissions: [] });
      expect(more.body.code).to.equal('conflict');
    });
  });

  it('see the nodes, and how many answers each is writing', async () => {
    const device = await app.device(root);
    const held = app.upstream.next();
    const sent = await device.ask('message:send', { client_id: 'c-1', content: 'go' });
    await held.opened;
    const hello = await device.until('server:hello');
    const { body } = await app.call<GatewayNode[]>('/admin/nodes', { token: root.token });
    expect(body).to.have.length(1);
    expect(body[0]).to.include({ id: hello.node_id, alive: true, hears: true, running: 1 });
    const queue = await app.call<QueueReport>('/admin/queue', { token: root.token });
    expect(queue.body).to.deep.equal({
      ...{ waiting: 0, running: 1, oldest_ms: 0 },
      nodes: [{ id: hello.node_id, running: 1 }],
      users: [{ id: root.id, username: `root${serial}`, waiting: 0, running: 1 }],
    });
    const next = await device.ask('message:send', {
      client_id: 'c-2',
      content: 'next',
      conversation_id: sent.conversation.id,
    });
    const longer = await app.call<QueueReport>('/admin/queue', { token: root.token });
    expect(longer.body).to.include({ waiting: 1, running: 1 });
    expect(longer.body.oldest_ms).to.be.above(0);
    expect(longer.body.users).to.deep.equal([
      { id: root.id, username: `root${serial}`, waiting: 1, running: 1 },
    ]);
    held.write('done');
    held.finish();
    await device.ended(next.assistant_message?.id ?? 0);
    const empty = { waiting: 0, running: 0, oldest_ms: 0, nodes: [], users: [] };
    await eventually(
      async () => (await app.call<QueueReport>('/admin/queue', { token: root.token })).body,
      (body) => JSON.stringify(body) === JSON.stringify(empty),
    );
  });

  it('ask a node to drain; an unknown one is not found, and others may not', async () => {
    const ada = await person('ada');
    const [node] = (await app.call<GatewayNode[]>('/admin/nodes', { token: root.token })).body;
    expect(node?.draining).to.equal(false);
    const drain = (token: string, id: string) =>
      app.call(`/admin/nodes/${encodeURIComponent(id)}/drain`, { token, body: {} });
    expect((await drain(ada.token, node?.id ?? '')).body.code).to.equal('forbidden');
    expect((await drain(root.token, 'nobody')).body.code).to.equal('not_found');
    expect((await drain(root.token, '\0')).body.code).to.equal('validation_failed');
    expect(await drain(root.token, node?.id ?? '')).to.deep.include({
      status: 202,
      body: { message: 'Node will drain' },
    });
    const [after] = (await app.call<GatewayNode[]>('/admin/nodes', { token: root.token })).body;
    expect(after?.draining).to.equal(true);
    const log = await app.call<AuditEntry[]>('/admin/audit?action=node_drained', {
      token: root.token,
    });
    expect(log.body).to.have.length(1);
    expect(log.body[0]).to.deep.include({ actor_id: root.id, details: { node: node?.id } });
  });
});
