import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { LIMITS } from '../../../src/contract/limits.js';

const CHINESE = { 'accept-language': 'zh' };

/** Arrays nested to this depth. */
const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)]);
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i.toString(36)}`, 0]));

describe('A body', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
  });
  after(() => app.stop());

  const login = () => JSON.stringify({ email: ada.email, password: ada.password });
  const send = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) => {
    const options = { method: 'POST', body: new Blob([body]), headers };
    const response = await fetch(`${app.url}/auth/login`, options);
    const { code, errors } = await response.json();
    return { status: response.status, code, errors };
  };
  const unreadable = (path: string, message: string, rule: string) => ({
    status: 400,
    code: 'malformed_json',
    errors: [{ path, message: `${path} ${message}`, rule }],
  });

  for (const type of [
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json; charset=utf8',
    'application/json; charset=UTF8',
    'application/json; charset="utf-8"',
    "application/json; charset='utf8'",
    'application/json; charset=us-ascii',
    'application/json; charset=',
    'application/json; charset',
    'application/json; version=1; Charset=Utf8; x=y',
    'application/json;',
  ]) {
    it(`is read as ${type}`, async () => {
      expect((await send(login(), { 'content-type': type })).status).to.equal(200);
    });
  }

  for (const charset of ['latin1', 'utf-16', 'utf-7', 'utf-32le', 'utf-8-x', 'nonsense', 'utf-']) {
    it(`is refused in the charset ${charset}, by the name of the header`, async () => {
      const type = `application/json; charset=${charset}`;
      expect(await send(login(), { 'content-type': type })).to.deep.equal(
        unreadable('Content-Type', 'must name the charset utf-8, or none', 'body.charset'),
      );
    });
  }

  for (const type of [
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/merge-patch+json',
    'json',
    'nonsense; ; =',
    '',
  ]) {
    it(`that is sent as ${type || 'nothing'} is refused, by the name of the header`, async () => {
      const answer = await send(login(), { 'content-type': type });
      expect(answer).to.deep.equal(
        unreadable('Content-Type', 'must be application/json', 'body.type'),
      );
    });
  }

  for (const encoding of ['gzip', 'GZIP', 'deflate', 'br', 'zstd', 'compress', 'gzip, identity']) {
    it(`is not unpacked: ${encoding}`, async () => {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      expect(await send(gzipSync(login()) as never, headers)).to.deep.equal(
        unreadable(
          'Content-Encoding',
          'must be identity: send the body uncompressed',
          'body.encoding',
        ),
      );
    });
  }

  it('may say that it is not packed', async () => {
    for (const encoding of ['Identity', '', ' ']) {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      expect((await send(login(), headers)).status).to.equal(200);
    }
  });

  it('is not asked for where none is needed, and says in Chinese what is wrong where it is', async () => {
    const headers = { 'content-type': 'text/plain' };
    const deleted = await app.call('/users/me/sessions', {
      token: ada.token,
      method: 'DELETE',
      body: 'any text',
      headers,
    });
    expect(deleted.status).to.equal(200);
    const empty = await app.call('/agent/conversations', {
      token: ada.token,
      method: 'POST',
      headers,
    });
    expect(empty.status).to.equal(201);
    const { body } = await app.call('/agent/conversations', {
      token: ada.token,
      body: 'title=x',
      headers: { ...headers, ...CHINESE },
    });
    expect(body.errors).to.deep.equal([
      {
        path: 'Content-Type',
        message: 'Content-Type 必须是 application/json',
        rule: 'body.type',
      },
    ]);
  });

  const TOO_LARGE = `at most ${LIMITS.payloadValues} keys and entries are allowed, nested at most ${LIMITS.payloadDepth} deep`;
  const LARGE: Record<string, unknown> = {
    'a thousand and one keys': keys(LIMITS.payloadValues + 1),
    '24,000 unknown keys': keys(24_000),
    'a list of as many entries': { permissions: Array(LIMITS.payloadValues).fill('x') },
    'many small objects': { cursors: Array(400).fill({ message_id: 'x', attempt: [] }) },
    'deep lists': { title: nested(LIMITS.payloadDepth) },
    'very deep lists': JSON.parse(`{"title":${'['.repeat(60_000)}${']'.repeat(60_000)}}`),
  };

  for (const [what, value] of Object.entries(LARGE)) {
    it(`with ${what} is refused before it is looked at closely, over a socket as well`, async () => {
      // JSON.stringify cannot write very deep values.
      const text = what.startsWith('very')
        ? `{"title":${'['.repeat(60_000)}${']'.repeat(60_000)}}`
        : JSON.stringify(value);
      const answer = await send(text, { 'content-type': 'application/json' });
      const values = { limit: LIMITS.payloadValues, depth: LIMITS.payloadDepth };
      const errors = [{ path: '', message: TOO_LARGE, rule: 'payload.large', values }];
      expect(answer).to.deep.equal({ status: 422, code: 'validation_failed', errors });
      if (what.startsWith('very')) return;
      const device = await app.device(ada);
      const ack = await device.emit('conversation:create', value as never);
      expect(ack).to.deep.include({ ok: false });
      expect(ack).to.have.nested.property('error.code', 'validation_failed');
      expect(ack).to.have.nested.property('error.details').that.deep.equals(errors);
    });
  }

  it('with 24,000 keys is refused before it is parsed, and so before anybody is asked who they are', async () => {
    const body = keys(24_000);
    const { status } = await app.call('/agent/conversations', { body });
    expect(status).to.equal(422);
  });

  it('of all that the limits allow is accepted', async () => {
    const device = await app.device(ada);
    const { body } = await app.call<{ id: number }>('/agent/conversations', {
      token: ada.token,
      body: { title: 'x', ...keys(LIMITS.payloadValues - 1) },
    });
    const cursors = Array(LIMITS.openCursors).fill({ message_id: 1, attempt: 0, seq: 0 });
    const ack = await device.emit('conversation:open', { conversation_id: body.id, cursors });
    expect(ack.ok).to.equal(true);
  });

  it('has no more than the first findings told, each of bounded length', async () => {
    const device = await app.device(ada);
    const cursors = Array(240).fill({ message_id: 'x'.repeat(900), attempt: null, seq: {} });
    const ack = await device.emit('conversation:open', { conversation_id: 1, cursors } as never);
    const details = ack.ok ? [] : (ack.error.details ?? []);
    expect(details).to.have.length(LIMITS.findings);
    expect(JSON.stringify(details).length).to.be.below(4_000);
  });
});
