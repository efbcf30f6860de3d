import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import {
  type CallParts,
  contractCalls,
  minimalParts,
  type Reply,
} from '../../../lab/people/contract-calls.js';
import { type Device, openDevice } from '../../../lab/people/device.js';
import { idPaths, withPart } from '../../../lab/people/joi-shape.js';
import { withKey } from '../../../lab/people/keys.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import { restRoutes } from '../../../lab/people/routes.js';
import type { ApiKey, NewApiKey } from '../../../src/contract/keys.js';
import { LIMITS } from '../../../src/contract/limits.js';
import type { ChatResponse } from '../../../src/contract/rest.js';
import {
  CALL_SCOPES,
  EVENT_SCOPES,
  type Scope,
  type ScopeNeed,
} from '../../../src/contract/scopes.js';

const NOBODYS = 2 ** 50;
const NEEDS: Readonly<Record<string, ScopeNeed>> = { ...CALL_SCOPES, ...EVENT_SCOPES };
const SETS: readonly (readonly Scope[])[] = [['chat'], ['read'], ['write'], ['read', 'write']];

describe('A key', () => {
  let app: TestApp;
  let ann: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', SESSION_RECHECK_SECONDS: '60' });
    app.upstream.otherwise(answer('yes', { finishReason: 'length' }));
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
  });

  const create = (body: object, token = ann.token) =>
    app.call<NewApiKey>('/users/me/keys', { token, body });
  const list = async () => (await app.call<ApiKey[]>('/users/me/keys', { token: ann.token })).body;
  const revoke = (id: string, token = ann.token) =>
    app.call(`/users/me/keys/${id}`, { method: 'DELETE', token });
  const stateOf = async (token: string) => {
    const { status, body } = await app.call('/agent/models', { token });
    return status === 200 ? '' : body.code;
  };

  it('is shown once, and kept as a hash', async () => {
    const { status, body } = await create({ name: 'nightly' });
    expect(status).to.equal(201);
    const { key, ...shown } = body;
    expect(key).to.match(/^pk_[A-Za-z0-9_-]{43}$/);
    expect(shown).to.deep.include({ name: 'nightly', prefix: key.slice(0, 10), scopes: ['chat'] });
    expect(shown).to.include({ expires_at: null, last_used_at: null });
    expect(await list()).to.deep.equal([shown]);
    const rows = await app.rows<{ kept: string }>(
      'SELECT to_jsonb(k)::text AS kept FROM api_keys k WHERE id = $1',
      [body.id],
    );
    expect(rows[0]?.kept).to.include(createHash('sha256').update(key).digest('hex'));
    expect(rows[0]?.kept).to.not.include(key);
  });

  it('and its end are in the audit log, without its name', async () => {
    const { body } = await create({ name: 'nightly', scopes: ['read', 'write'] });
    expect((await revoke(body.id)).status).to.equal(200);
    const entries = await app.rows(
      `SELECT action, details FROM audit_log WHERE actor_id = $1 AND subject_id = $1 AND action LIKE 'key%' ORDER BY id`,
      [ann.id],
    );
    expect(entries).to.deep.equal([
      { action: 'key_created', details: { key: body.id, scopes: ['read', 'write'] } },
      { action: 'key_revoked', details: { key: body.id } },
    ]);
  });

  it('is refused with a name, scopes or an expiry that make no sense', async () => {
    const wrong = [
      {},
      { name: ' ' },
      { name: 'a'.repeat(LIMITS.keyNameChars + 1) },
      { name: 'a', scopes: [] },
      { name: 'a', scopes: ['chat', 'chat'] },
      { name: 'a', scopes: ['admin'] },
      { name: 'a', expires_at: 'tomorrow' },
      { name: 'a', expires_at: '2020-01-01T00:00:00Z' },
      { name: 'a', expires_at: '+012026-01-01T00:00:00Z' },
    ];
    const codes = await Promise.all(
      wrong.map(async (body) => {
        const refused = await app.call('/users/me/keys', { token: ann.token, body });
        return refused.body.code;
      }),
    );
    expect(codes).to.deep.equal(wrong.map(() => 'validation_failed'));
  });

  it('is one of so many; a revoked one makes room', async () => {
    const insert = `INSERT INTO api_keys (id, user_id, name, key_hash, prefix, scopes)
      SELECT gen_random_uuid(), $1, 'many', encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'pk_1234567', '{chat}'
      FROM generate_series(1, $2)`;
    await app.rows(insert, [ann.id, LIMITS.keys - 1]);
    const made = await Promise.all([create({ name: 'a' }), create({ name: 'b' })]);
    expect(made.map(({ status }) => status).sort()).to.deep.equal([201, 409]);
    const last = made.find(({ status }) => status === 201);
    await revoke(last?.body.id ?? '');
    expect((await create({ name: 'c' })).status).to.equal(201);
    expect(await list()).to.have.length(LIMITS.keys);
  });

  it('of another user cannot be seen or revoked', async () => {
    const { body } = await create({ name: 'mine' });
    const eve = await app.register(`eve${serial}`);
    expect((await revoke(body.id, eve.token)).body).to.include({ code: 'not_found' });
    expect((await app.call<ApiKey[]>('/users/me/keys', { token: eve.token })).body).to.deep.equal(
      [],
    );
    expect(await stateOf(body.key)).to.equal('');
  });

  it('does nothing below /auth, /users and /admin, even for an administrator', async () => {
    await makeAdmin(app, ann);
    const { token } = await withKey(app.url, ann);
    const closed = restRoutes().filter(({ path }) => /^\/(auth|users|admin)\//.test(path));
    expect(closed.length).to.be.above(25);
    for (const { method, path } of closed) {
      const filled = path.replace(/:\w+/, 'user');
      const { status, body } = await app.call(filled, {
        method,
        token,
        ...(method !== 'GET' && { body: {} }),
      });
      expect({ status, code: body.code }, `${method} ${path}`).to.deep.equal({
        status: 403,
        code: 'forbidden',
      });
    }
  });

  it('may do what the table of scopes says, by every route and event', async () => {
    const open = contractCalls().filter(({ name }) => /^\w+ \/agent\/|^[a-z]+:[a-z]+$/.test(name));
    expect(open.map(({ name }) => name)).to.have.members(Object.keys(NEEDS));
    for (const scopes of SETS) {
      const account = await withKey(app.url, ann, scopes);
      const device = await app.device(account);
      for (const call of open) {
        // Ids of nobody, so that no call changes what the next one finds.
        const parts = idPaths(call.takes).reduce<unknown>(
          (value, path) => withPart(value, call.takes, path, NOBODYS),
          minimalParts(call),
        ) as CallParts;
        const reply: Reply = await call.send(parts, { app, account, device });
        const need = NEEDS[call.name] ?? [];
        const may = need.some((all) => all.every((scope) => scopes.includes(scope)));
        expect(reply.code !== 'forbidden', `${call.name} with ${scopes}: ${reply.code}`).to.equal(
          may,
        );
      }
      device.close();
    }
  });

  it('may do nothing that its user may not', async () => {
    const { token } = await withKey(app.url, ann);
    await app.rows('DELETE FROM user_roles WHERE user_id = $1', [ann.id]);
    expect(await stateOf(token)).to.equal('forbidden');
  });

  it('is a bearer token only: as a cookie it is no token', async () => {
    const { token } = await withKey(app.url, ann);
    const headers = { cookie: `access_token=${token}`, origin: app.url };
    const { body } = await app.call('/agent/models', { headers });
    expect(body.code).to.equal('token_invalid');
    const refused = await openDevice(app.url, { headers, auth: {} }).catch((error) => error.data);
    expect(refused).to.include({ code: 'token_invalid' });
  });

  it('that nobody has is invalid, in any form', async () => {
    const { token } = await withKey(app.url, ann);
    for (const wrong of [`${token}x`, token.slice(0, -1), `pk_${'a'.repeat(43)}`, 'pk_']) {
      expect(await stateOf(wrong), wrong).to.equal('token_invalid');
    }
  });

  const ENDS: readonly [what: string, code: string, end: (keyId: string) => Promise<unknown>][] = [
    ['it is revoked', 'key_revoked', (id) => revoke(id)],
    [
      'its account is deleted',
      'key_revoked',
      () => app.call('/users/me', { method: 'DELETE', token: ann.token }),
    ],
    [
      'its account is disabled',
      'account_disabled',
      async () => {
        const root = await app.register(`root${serial}`);
        await makeAdmin(app, root);
        const body = { is_active: false };
        await app.call(`/admin/users/${ann.id}`, { method: 'PATCH', token: root.token, body });
      },
    ],
  ];
  for (const [what, code, end] of ENDS) {
    it(`is dead at once when ${what}, and so are its sockets`, async () => {
      const keys = await Promise.all([
        withKey(app.url, ann),
        withKey(app.url, ann, ['chat']),
        withKey(app.url, ann),
      ]);
      const [, , other] = keys;
      const devices = await Promise.all(keys.map((key) => app.device(key)));
      const all = code === 'key_revoked' && what === 'it is revoked' ? keys.slice(0, 2) : keys;
      for (const { keyId } of what === 'it is revoked' ? all : all.slice(0, 1)) await end(keyId);
      for (const key of all) expect(await stateOf(key.token)).to.equal(code);
      const ended = devices.slice(0, all.length).map((device) => device.until('session:ended'));
      expect(await Promise.all(ended)).to.deep.equal(all.map(() => ({ code })));
      const again = await openDevice(app.url, { token: keys[0]?.token ?? '' }).catch(
        (error) => error.data,
      );
      expect(again).to.include({ code });
      if (all.length < keys.length) expect(await stateOf(other.token)).to.equal('');
    });
  }

  it('is dead for good after its account was disabled and enabled', async () => {
    const root = await app.register(`root${serial}`);
    await makeAdmin(app, root);
    const { token } = await withKey(app.url, ann);
    for (const is_active of [false, true]) {
      const body = { is_active };
      await app.call(`/admin/users/${ann.id}`, { method: 'PATCH', token: root.token, body });
    }
    expect(await stateOf(token)).to.equal('key_revoked');
  });

  it('ends with its time, and its sockets with it', async () => {
    // A busy machine may need longer than that to connect.
    const connected = async (ms: number): Promise<{ key: string; device: Device }> => {
      const expires_at = new Date(Date.now() + ms).toISOString();
      const { key } = (await create({ name: 'short', expires_at })).body;
      const device = await openDevice(app.url, { token: key ?? '' }).catch(() => null);
      return device ? { key, device } : connected(2 * ms);
    };
    const { key, device } = await connected(1_500);
    expect(await device.until('session:ended')).to.deep.equal({ code: 'key_revoked' });
    expect(await stateOf(key)).to.equal('key_revoked');
    expect(device.all('session:expiring')).to.deep.equal([]);
  });

  it('survives a change of the password', async () => {
    const { token } = await withKey(app.url, ann);
    const body = { current_password: ann.password, new_password: 'Quite another 9' };
    await app.call('/users/me/password', { token: ann.token, body });
    expect(await stateOf(token)).to.equal('');
  });

  it('has the time of its last use, written once a minute', async () => {
    const { token } = await withKey(app.url, ann);
    await stateOf(token);
    const [first] = await list();
    expect(first?.last_used_at).to.be.a('string');
    await app.rows(`UPDATE api_keys SET last_used_at = now() - interval '59 seconds'`);
    const [before] = await list();
    await stateOf(token);
    expect((await list())[0]).to.deep.equal(before);
  });

  it('is in the export of its account, and gone with the account', async () => {
    const { keyId } = await withKey(app.url, ann, ['read']);
    await revoke(keyId);
    const { body } = await app.call<{ keys: object[] }>('/users/me/export', { token: ann.token });
    expect(body.keys).to.have.length(1);
    expect(body.keys[0]).to.include({ id: keyId, name: 'read' });
    await app.call('/users/me', { method: 'DELETE', token: ann.token });
    expect(await app.rows('SELECT 1 FROM api_keys WHERE user_id = $1', [ann.id])).to.deep.equal([]);
  });
});

describe('A key that only chats', () => {
  let app: TestApp;
  let ann: Account;
  let program: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', LEASE_SECONDS: '60' });
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
    program = await withKey(app.url, ann, ['chat']);
  });

  it('gets the answer that it asks for on its socket, and no other event', async () => {
    const [device, own] = await Promise.all([app.device(program), app.device(ann)]);
    const writing = app.upstream.next();
    const sent = await device.ask('message:send', { client_id: 'one', content: 'go' });
    const { id } = sent.assistant_message;
    writing.write('on ');
    await device.until('message:delta');
    writing.write('and on');
    writing.finish();
    const end = await device.ended(id);
    expect(device.text(id)).to.equal('on and on');
    expect(await own.until('conversation:created')).to.have.nested.property(
      'conversation.id',
      sent.conversation.id,
    );
    const inRoom = { conversation_id: sent.conversation.id };
    await own.ask('conversation:open', inRoom);
    app.upstream.otherwise(answer('more'));
    const second = await own.ask('message:send', { ...inRoom, client_id: 'two', content: 'more' });
    const told = await own.ended(second.assistant_message.id);
    expect(Object.keys(end).sort()).to.deep.equal(Object.keys(told).sort());
    await device.emit('generation:stop', { message_id: id });
    const others = device.received.filter(
      ({ name }) => !['message:delta', 'message:completed'].includes(name),
    );
    expect(others.map(({ name }) => name)).to.deep.equal(['server:hello']);
    expect(device.all('message:completed')).to.have.length(1);
  });

  it('continues to follow it on another socket, from where it was', async () => {
    const first = await app.device(program);
    const writing = app.upstream.next();
    const sent = await first.ask('message:send', { client_id: 'one', content: 'go' });
    const { id: message_id } = sent.assistant_message;
    writing.write('on ');
    await first.until('message:delta');
    first.close();
    const second = await app.device(program);
    const resumed = await second.ask('generation:resume', { message_id, attempt: 1, seq: 0 });
    expect(resumed).to.include({ text: 'on ', status: 'streaming' });
    writing.write('and on');
    writing.finish();
    await second.ended(message_id);
    expect(second.text(message_id, 1, resumed.seq)).to.equal('and on');
  });

  it('cannot read what it did not ask for, even in the same conversation', async () => {
    app.upstream.otherwise(answer('secret'));
    const { body: asked } = await app.call<ChatResponse>('/agent/chat', {
      token: ann.token,
      body: { message: 'mine' },
    });
    const device = await app.device(program);
    const resume = { message_id: asked.message_id, attempt: 0, seq: 0 };
    expect(await device.emit('generation:resume', resume)).to.have.nested.property(
      'error.code',
      'forbidden',
    );
    const { body: own } = await app.call<ChatResponse>('/agent/chat', {
      token: program.token,
      body: { message: 'its own', conversation_id: asked.conversation_id },
    });
    expect(own).to.include({ response: 'secret', status: 'completed' });
    const mine = await device.ask('generation:resume', { ...resume, message_id: own.message_id });
    expect(mine).to.include({ text: 'secret', status: 'completed' });
    const another = await app.device(await withKey(app.url, ann, ['chat']));
    expect(
      await another.emit('generation:resume', { ...resume, message_id: own.message_id }),
    ).to.have.nested.property('error.code', 'forbidden');
  });

  it('ends a chat call that waits for its answer', async () => {
    const { keyId } = program as Account & { keyId: string };
    app.upstream.next();
    const asked = app.call('/agent/chat', { token: program.token, body: { message: 'wait' } });
    const stored = () => app.rows('SELECT 1 FROM messages WHERE key_id = $1', [keyId]);
    await eventually(stored, (rows) => rows.length > 0);
    await app.call(`/users/me/keys/${keyId}`, { method: 'DELETE', token: ann.token });
    expect((await asked).body).to.include({ code: 'key_revoked' });
  });
});
