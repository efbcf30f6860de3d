import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import {
  type CallParts,
  type ContractCall,
  contractCalls,
  minimalParts,
} from '../../lab/people/contract-calls.js';
import type { Device } from '../../lab/people/device.js';
import { pathsOf, withPart } from '../../lab/people/joi-shape.js';

/** Columns and fields that clients may set only if the schema names them. */
const FOREIGN: Record<string, unknown> = {
  id: 1,
  user_id: 1,
  author_id: 1,
  owner_id: 1,
  is_active: false,
  roles: ['admin'],
  role: 'system',
  my_role: 'owner',
  permissions: ['users:write'],
  password_hash: 'x',
  member_count: 99,
  active_message_id: 1,
  status: 'completed',
  attempt: 99,
  created_at: '2001-01-01T00:00:00.000Z',
  revoked_at: null,
  tokens_per_day: 1,
};

/** Rows that could exist only if some of that had reached them. */
const REACHED = `
  SELECT 'user' FROM users WHERE created_at < '2002-01-01' OR NOT is_active OR password_hash = 'x'
  UNION ALL SELECT 'admin' FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE r.name = 'admin'
  UNION ALL SELECT 'conversation' FROM conversations WHERE created_at < '2002-01-01'
  UNION ALL SELECT 'message' FROM messages WHERE created_at < '2002-01-01' OR attempt = 99 OR role = 'system'`;

const POLLUTION =
  '"__proto__": {"isAdmin": true, "roles": ["admin"]}, "constructor": {"prototype": {"isAdmin": true}}';

const SQL = [
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  '$1',
  '%',
  '_',
  "\\'; --",
  ') UNION SELECT password_hash FROM users --',
];

/** Calls that end what the others need. */
const ENDING = /^(DELETE \/users\/me|POST \/auth\/logout|POST \/users\/me\/password)/;

describe('what clients send besides what they are asked for', () => {
  let app: TestApp;
  let ada: Account;
  let device: Device;
  const calls = contractCalls().filter(({ name }) => !ENDING.test(name));

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
    device = await app.device(ada);
    await app.call('/agent/chat', { token: ada.token, body: { message: 'hello' } });
  });
  after(() => app.stop());

  const send = (call: ContractCall, parts: CallParts) =>
    call.send(parts, { app, account: ada, device });
  const hasBody = (call: ContractCall) => call.takes.keys?.body !== undefined;

  it('does not reach what a client may not set', async () => {
    const rights = () =>
      app.rows(`SELECT u.id, u.is_active, u.password_hash, u.created_at, array_agg(r.name) AS roles
        FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
        WHERE u.id = ${ada.id} GROUP BY u.id`);
    const before = await rights();
    for (const call of calls.filter(hasBody)) {
      const { body, ...rest } = minimalParts(call);
      const known = Object.keys(call.takes.keys?.body?.keys ?? {});
      const foreign = Object.entries(FOREIGN).filter(([key]) => !known.includes(key));
      const sent = { ...rest, body: { ...Object(body), ...Object.fromEntries(foreign) } };
      const reply = await send(call, sent);
      expect(reply.code, call.name).to.not.be.oneOf(['internal', 'unavailable']);
      expect(await app.rows(REACHED), call.name).to.deep.equal([]);
    }
    expect(await rights()).to.deep.equal(before);
  });

  it('does not change the prototypes of the node', async () => {
    for (const call of calls.filter(hasBody)) {
      const { body, ...rest } = minimalParts(call);
      const text = JSON.stringify(Object(body)).replace(/^\{/, `{${POLLUTION},`).replace(',}', '}');
      await send(call, { ...rest, body: /^[A-Z]/.test(call.name) ? text : JSON.parse(text) });
      await send(call, {
        ...rest,
        query: { '__proto__[isAdmin]': 'true', 'constructor.prototype.isAdmin': '1' },
        body,
      });
    }
    expect(Reflect.get({}, 'isAdmin')).to.equal(undefined);
    const { status } = await app.call('/admin/users', { token: ada.token });
    expect(status).to.equal(403);
  });

  it('is no SQL, wherever a text is taken', async () => {
    const tables = () =>
      app.rows(`SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'`);
    const before = await tables();
    for (const call of calls) {
      const texts = pathsOf(call.takes, (_, { type }) => type === 'string');
      for (const path of texts) {
        for (const text of SQL) {
          const parts = withPart(minimalParts(call), call.takes, path, text) as CallParts;
          const reply = await send(call, parts);
          expect(reply.code, `${call.name} ${path} ${text}`).to.not.equal('internal');
          expect(JSON.stringify(reply.data)).to.not.match(/\$2[aby]\$|syntax error|pg_catalog/);
        }
      }
    }
    expect(await tables()).to.deep.equal(before);
  });

  it('finds texts by what they say and not by patterns of the database', async () => {
    const found = async (q: string) =>
      (await device.ask('conversation:list', { q, limit: 100 })).conversations.length;
    await device.ask('conversation:create', { title: '100% sure_thing' });
    expect(await found('100%')).to.equal(1);
    expect(await found('0_')).to.equal(0);
    expect(await found('%sure')).to.equal(0);
  });

  it('adds no header and no line to an answer or the log', async () => {
    const evil = 'x\r\nSet-Cookie: access_token=evil\r\n\r\n<script>';
    const title = `title ${evil}`;
    const { conversation } = await device.ask('conversation:create', { title });
    for (const path of [
      `/agent/conversations?limit=1&q=${encodeURIComponent(evil)}`,
      `/agent/conversations/${conversation.id}`,
      `/${encodeURIComponent(evil)}`,
      `/auth/logout?refresh_token=${encodeURIComponent(evil)}`,
    ]) {
      const { headers } = await app.call(path, { token: ada.token });
      expect(headers.getSetCookie(), path).to.deep.equal([]);
      for (const [, value] of headers) expect(value).to.not.include('\n');
    }
    const headers = { 'x-request-id': 'a b;c' };
    const { headers: answered } = await app.call('/health', { headers });
    expect(answered.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('is refused when it is too large, too deep, or no JSON, and the node goes on', async () => {
    const post = async (body: string, headers = {}) =>
      (await app.call('/agent/chat', { token: ada.token, body, headers })).body.code;
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(await post(`{"message": "${'x'.repeat(300_000)}"}`)).to.equal('payload_too_large');
    expect(await post(deep(100_000))).to.equal('validation_failed');
    expect(await post(`{"message": ${deep(50_000)}}`)).to.equal('validation_failed');
    expect(await post(`${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`)).to.equal(
      'validation_failed',
    );
    for (const text of [
      '{',
      '{"message":}',
      "{'message':'x'}",
      '{"message":"x"',
      '\u0000',
      'NaN',
      '{"a":1}{',
    ]) {
      expect(await post(text), text).to.equal('malformed_json');
    }
    expect(await post('{"message":"x","message":5}')).to.equal('validation_failed');
    expect(
      await post('{"message":"x"}', { 'content-type': 'application/x-www-form-urlencoded' }),
    ).to.equal('malformed_json');
    const nested = JSON.parse(deep(1_000));
    const ack = await device.emit('conversation:create', { title: nested } as never);
    expect(ack).to.have.nested.property('error.code', 'validation_failed');
    expect((await app.call('/health/ready')).status).to.equal(200);
  });
});
