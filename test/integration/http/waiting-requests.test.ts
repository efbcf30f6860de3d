import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { describe as described, minimal } from '../../../lab/people/joi-shape.js';
import { judged } from '../../../lab/people/judged.js';
import { withKey } from '../../../lab/people/keys.js';
import { LOST_KEY_RIGHTS, LOST_RIGHTS } from '../../../lab/people/lost-rights.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import { type Route, restRoutes } from '../../../lab/people/routes.js';
import { createClient } from '../../../lab/stores/client.js';
import { holdUser, lockWaits } from '../../../lab/stores/held-user.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import type { ChatResponse } from '../../../src/contract/rest.js';

/** An answer that has ended is not stopped again, so that call does not wait; `waiting-events` stops a running one. */
const WRITES = restRoutes().filter(
  ({ access, method, path }) =>
    access === 'user' && method !== 'GET' && method !== 'HEAD' && !path.endsWith('/stop'),
);
/** A page may not take as long without a second check. */
const LONG_MS = 700;
/** Connections for users' calls. The others are reserved for leases, sessions and health. */
const POOL = 33;
const CONNECTIONS = POOL - 3;

describe('A request that waits behind its door', () => {
  let app: TestApp;
  let faults: string[];
  let ann: Account;
  let bob: Account;
  let conversationId: number;
  let messageId: number;
  let invitationId: number;
  let nodeId = '';
  let other: string;
  let webhookId = '';
  let keyId: string;

  before(async () => {
    ({ app, faults } = await judged(
      await startApp({
        LIMIT_SCALE: '0',
        SESSION_RECHECK_SECONDS: '60',
        DB_POOL_MAX: String(POOL),
      }),
    ));
    // A cut answer may be continued.
    app.upstream.otherwise(answer('yes', { finishReason: 'length' }));
    await fillPool();
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

  /** Opens all connections. A busy Postgres takes longer for that many than a call waits for one. */
  const fillPool = async () => {
    const eve = await app.register('eve');
    const body = { username: eve.username };
    const rename = () => app.call('/users/me', { method: 'PATCH', token: eve.token, body });
    await eventually(
      async () => {
        const held = await holdUser(app, eve);
        const asked = Promise.all(Array.from({ length: CONNECTIONS }, rename));
        await Promise.race([asked, held.waited(CONNECTIONS).catch(() => {})]);
        await held.release();
        return (await asked).map(({ status }) => status);
      },
      (all) => all.every((status) => status === 200),
    );
  };

  const login = async () =>
    (await app.call<TokenResponse>('/auth/login', { body: { ...ann } })).body.access_token ?? '';

  const spare = () =>
    app.rows(
      `INSERT INTO roles (name, permissions) VALUES ('spare', '{users:read}') ON CONFLICT DO NOTHING`,
    );

  const invite = async () => {
    const made = await app.call<{ id: number }>('/admin/invitations', {
      token: ann.token,
      body: {},
    });
    expect(made.status).to.equal(201);
    return made.body.id;
  };

  const hook = async () => {
    const body = { url: 'https://hooks.invalid/', events: ['answer.failed'] };
    const { token } = ann;
    return (await app.call<{ id: string }>('/users/me/webhooks', { token, body })).body.id;
  };

  let serial = 0;
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
    bob = await app.register(`bob${serial}`);
    await makeAdmin(app, ann);
    await login();
    const [asked, made, sessions] = await Promise.all([
      app.call<ChatResponse>('/agent/chat', { token: ann.token, body: { message: 'a' } }),
      app.call<{ id: number }>('/agent/conversations', { token: ann.token, body: { title: 'a' } }),
      app.call<{ id: string; current: boolean }[]>('/users/me/sessions', { token: ann.token }),
    ]);
    const codes = [asked.status, made.status, sessions.status];
    expect(codes, JSON.stringify(sessions.body)).to.deep.equal([200, 201, 200]);
    conversationId = made.body.id;
    messageId = asked.body.message_id;
    other = sessions.body.find(({ current }) => !current)?.id ?? '';
    invitationId = await invite();
    nodeId = (await app.rows<{ id: string }>('SELECT id FROM nodes'))[0]?.id ?? '';
    await spare();
    ({ keyId } = await withKey(app.url, ann));
    webhookId = await hook();
  });

  /** The route with existing ids as its parameters. */
  const pathOf = ({ path }: Route): string => {
    const ids = {
      '/users/me/keys/': keyId,
      '/users/me/webhooks/': webhookId,
      '/agent/messages/': messageId,
      '/agent/': conversationId,
      '/admin/invitations/': invitationId,
      '/admin/nodes/': nodeId,
      '/admin/': bob.id,
    };
    const id = Object.entries(ids).find(([start]) => path.startsWith(start))?.[1] ?? other;
    return path.replace(':id', String(id)).replace(':name', 'spare');
  };
  const bodyOf = ({ path, shape }: Route): object | null => {
    if (path === '/agent/imports') return { conversationId: 'c', title: 't', messages: [] };
    if (path === '/users/me/password') {
      return { current_password: ann.password, new_password: 'Quite another 9' };
    }
    if (path === '/admin/users/:id') return { is_active: false };
    if (path === '/users/me/keys') return { name: 'new' };
    if (path === '/admin/roles') return { name: 'new-role', permissions: [] };
    if (path === '/users/me') return { username: `renamed${serial}` };
    return shape?.body ? Object(minimal(described(shape.body))) : null;
  };
  const ask = (route: Route, token = ann.token) => {
    const body = bodyOf(route);
    return app.call(pathOf(route), {
      method: route.method,
      token,
      ...(body && { body }),
    });
  };
  const nameOf = ({ method, path }: Route) => `${method} ${path}`;
  const state = async () => [
    await app.rows('SELECT id, email, username, password_hash FROM users ORDER BY id'),
    await app.rows('SELECT id, title, updated_at FROM conversations ORDER BY id'),
    await app.rows('SELECT id FROM messages ORDER BY id'),
    await app.rows('SELECT name, permissions FROM roles ORDER BY id'),
    await app.rows('SELECT id, action FROM audit_log ORDER BY id'),
    await app.rows('SELECT id, name FROM api_keys ORDER BY id'),
    await app.rows('SELECT id FROM webhooks ORDER BY id'),
  ];

  for (const { what, sql, code } of LOST_RIGHTS.slice(0, 4)) {
    it(`changes nothing when ${what} meanwhile, whichever it is`, async () => {
      const concerned = WRITES.filter(({ shape }) => code(shape?.permission ?? null) !== '');
      expect(concerned.length).to.be.above(7);
      const held = await holdUser(app, ann);
      const asked = concerned.map((route) => ask(route));
      await held.waited(concerned.length);
      const before = await state();
      await held.release(sql);
      const codes = (await Promise.all(asked)).map(({ body }) => body.code);
      const named = (all: unknown[]) => concerned.map((one, i) => `${nameOf(one)}: ${all[i]}`);
      const wanted = concerned.map(({ shape }) => code(shape?.permission ?? null));
      expect(named(codes)).to.deep.equal(named(wanted));
      expect(await state()).to.deep.equal(before);
    });
  }

  for (const { what, sql, code } of LOST_KEY_RIGHTS.slice(0, 4)) {
    it(`of a key changes nothing when ${what} meanwhile, whichever it is`, async () => {
      const concerned = WRITES.filter(({ shape }) => shape?.scopes !== undefined);
      expect(concerned.length).to.be.above(7);
      const { token } = await withKey(app.url, ann);
      const held = await holdUser(app, ann);
      const asked = concerned.map((route) => ask(route, token));
      await held.waited(concerned.length);
      const before = await state();
      await held.release(sql);
      const codes = (await Promise.all(asked)).map(({ body }) => body.code);
      const named = (all: unknown[]) => concerned.map((one, i) => `${nameOf(one)}: ${all[i]}`);
      const wanted = concerned.map(({ shape }) => code(shape?.permission ?? null));
      expect(named(codes)).to.deep.equal(named(wanted));
      const after = await state();
      expect(after.slice(0, 5)).to.deep.equal(before.slice(0, 5));
    });
  }

  it('changes nothing in a conversation when its user may only read it meanwhile', async () => {
    const concerned = WRITES.filter(
      ({ path }) => /^\/agent\/\w+\/:id/.test(path) && !path.endsWith('/restore'),
    );
    expect(concerned.length).to.be.above(5);
    const held = await holdUser(app, ann);
    const asked = concerned.map((route) => ask(route));
    await held.waited(concerned.length);
    const before = await state();
    await held.release(`UPDATE conversation_members SET role = 'viewer' WHERE user_id = $1`);
    const codes = (await Promise.all(asked)).map(({ body }) => body.code);
    const named = concerned.map((one, i) => `${nameOf(one)}: ${codes[i]}`);
    expect(named).to.deep.equal(concerned.map((one) => `${nameOf(one)}: forbidden`));
    expect(await state()).to.deep.equal(before);
  });

  it('is done when nothing has changed', async () => {
    const last = ['POST /users/me/password', 'DELETE /users/me'];
    const first = WRITES.filter((route) => !last.includes(nameOf(route)));
    // Calls that end one session go before those that end all others.
    for (const route of first.toSorted((a, b) => b.path.length - a.path.length)) {
      expect((await ask(route)).status, nameOf(route)).to.be.oneOf([200, 201, 202]);
      if (route.method === 'DELETE') await spare();
    }
  });

  it('is one of hundreds that delete, and none goes on after the revocation was answered', async () => {
    const made = await app.rows<{ id: number }>(
      `WITH c AS (INSERT INTO conversations (title) SELECT 'many' FROM generate_series(1, 200) RETURNING id)
       INSERT INTO conversation_members (conversation_id, user_id, role)
       SELECT id, $1, 'owner' FROM c RETURNING conversation_id AS id`,
      [ann.id],
    );
    const left = async () =>
      (await app.rows('SELECT 1 FROM conversation_members WHERE user_id = $1', [ann.id])).length;
    const client = createClient(app.databaseUrl);
    await client.connect();
    await client.query('BEGIN; LOCK TABLE conversations IN SHARE MODE');
    const calls = made.map(({ id }) =>
      app.call(`/agent/conversations/${id}`, { method: 'DELETE', token: ann.token }),
    );
    await lockWaits(app, CONNECTIONS);
    // Another node does this, and needs no connection of this one.
    const revoked = app.rows('UPDATE sessions SET revoked_at = now() WHERE user_id = $1', [ann.id]);
    await client.query('COMMIT');
    await client.end();
    await revoked;
    const atAck = await left();
    const codes = (await Promise.all(calls)).map(({ body }) => body.code);
    expect(codes).to.include('session_revoked');
    expect(atAck).to.be.at.least(made.length - CONNECTIONS);
    expect(await left()).to.equal(atAck);
  });

  it('and the end of its account never wait for each other', async () => {
    const path = `/agent/conversations/${conversationId}`;
    const { token } = ann;
    const change = () => app.call(path, { method: 'PATCH', token, body: { title: 'again' } });
    const calls = [
      ...Array.from({ length: 8 }, change),
      app.call('/users/me', { method: 'DELETE', token }),
      ...Array.from({ length: 8 }, change),
    ];
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses[8]).to.equal(200);
    expect(statuses.filter((status) => status >= 500)).to.deep.equal([]);
  });

  it('is refused when its body came after the end of its session', async () => {
    const url = new URL(`${app.url}/agent/conversations`);
    const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ title: 'late' });
    const status = new Promise((resolve, reject) => {
      const slow = request(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': body.length },
      });
      slow.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      slow.write(body.slice(0, 3));
      app
        .call('/users/me/sessions', { method: 'DELETE', token: bob.token })
        .then(() => app.rows('UPDATE sessions SET revoked_at = now() WHERE user_id = $1', [ann.id]))
        .then(() => slow.end(body.slice(3)), reject);
    });
    expect(await status).to.equal(401);
  });

  it('reads nothing for who may not read it any more, if that took long, by REST and by socket', async () => {
    const device = await app.device(ann);
    const client = createClient(app.databaseUrl);
    await client.connect();
    await client.query('BEGIN; LOCK TABLE conversations, audit_log, nodes');
    const reads = [
      '/agent/conversations',
      `/agent/conversations/${conversationId}/messages`,
    ].concat(['/admin/audit', '/admin/nodes']);
    const asked = reads.map((path) => app.call(path, { token: ann.token }));
    const acks = Promise.allSettled([
      device.emit('conversation:list', {}),
      device.emit('conversation:open', { conversation_id: conversationId }),
    ]);
    await lockWaits(app, reads.length + 2);
    // The time itself is tested, once all of them wait.
    await sleep(LONG_MS);
    await client.query('UPDATE sessions SET revoked_at = now() WHERE user_id = $1', [ann.id]);
    await client.query('COMMIT');
    await client.end();
    const codes = (await Promise.all(asked)).map(({ body }) => body.code);
    expect(codes).to.deep.equal(reads.map(() => 'session_revoked'));
    expect((await acks).some((ack) => ack.status === 'fulfilled' && ack.value.ok)).to.equal(false);
  });
});
