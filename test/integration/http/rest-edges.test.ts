import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { LIMITS } from '../../../src/contract/limits.js';

const CORS_ORIGIN = 'https://chat.example.org';

/** A page cursor as the server would write it, at a time that no conversation has. */
const cursorAt = (ms: number) =>
  `cursor=${Buffer.from(JSON.stringify([ms, 1])).toString('base64url')}`;

describe('REST at its edges', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp({ CORS_ORIGINS: CORS_ORIGIN });
    ada = await app.register('ada');
  });
  after(() => app.stop());

  const as = (account: Account, options = {}) => ({ token: account.token, ...options });
  const code = async (path: string, options = {}) => {
    const { status, body } = await app.call(path, options);
    return [status, body.code];
  };

  it('refuses what it cannot read with the code that says why', async () => {
    const post = (body: string, headers: Record<string, string> = {}) =>
      code('/auth/login', { body, headers });
    expect(await post('{"email": ')).to.deep.equal([400, 'malformed_json']);
    expect(await post('{}', { 'content-type': 'application/json; charset=latin1' })).to.deep.equal([
      400,
      'malformed_json',
    ]);
    expect(await post('{}', { 'content-encoding': 'compress' })).to.deep.equal([
      400,
      'malformed_json',
    ]);
    for (const readable of ['{}', '[]', '"text"', '5', 'null']) {
      expect(await post(readable), readable).to.deep.equal([422, 'validation_failed']);
    }
  });

  it('refuses a body over the limit, and unpacks none', async () => {
    const message = 'x'.repeat(LIMITS.payloadBytes);
    const large = await app.call('/agent/chat', as(ada, { body: { message } }));
    expect([large.status, large.body.code]).to.deep.equal([413, 'payload_too_large']);
    const bomb = await fetch(`${app.url}/agent/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ message: message.repeat(20) })),
    });
    expect(bomb.status).to.equal(400);
  });

  it('answers wrong values with 422 and never with 500', async () => {
    const invalid = [422, 'validation_failed'];
    for (const body of [
      { message: 'nul \u0000' },
      { message: 'half \ud800' },
      { message: ' ' },
      { message: 1 },
      { message: 'x', conversation_id: '1' },
      { message: 'x', conversation_id: 2 ** 60 },
      { message: 'x', client_id: 'a b' },
      {},
    ]) {
      expect(await code('/agent/chat', as(ada, { body })), JSON.stringify(body)).to.deep.equal(
        invalid,
      );
    }
    for (const id of [
      'abc',
      '0',
      '-1',
      '1.5',
      '99999999999999999999',
      '%00',
      '%ff',
      '1%20OR%201',
    ]) {
      expect(await code(`/agent/conversations/${id}`, as(ada)), id).to.deep.equal(invalid);
    }
    for (const query of [
      'limit=0',
      'limit=1000',
      'limit=x',
      'limit=1&limit=2',
      'cursor=!',
      ...[8.64e15, -8.64e15, -62_198_755_200_000].map(cursorAt),
      'q=%00',
    ]) {
      const path = `/agent/conversations?${query}`;
      expect(await code(path, as(ada)), query).to.deep.equal(invalid);
    }
    expect(await code(`/agent/conversations/${2 ** 53 - 1}`, as(ada))).to.deep.equal([
      404,
      'not_found',
    ]);
  });

  it('lists all problems in the language of the caller', async () => {
    const headers = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' };
    const {
      status,
      body,
      headers: answered,
    } = await app.call('/auth/register', {
      body: { email: 'x', username: 'y' },
      headers,
    });
    expect(status).to.equal(422);
    expect(body.errors?.map(({ path }) => path)).to.deep.equal(['email', 'username', 'password']);
    for (const { message } of body.errors ?? []) expect(message).to.match(/[\u4e00-\u9fff]/);
    expect(body.detail).to.match(/[\u4e00-\u9fff]/);
    expect(answered.get('content-language')).to.equal('zh-CN');
    expect(body).to.include({ type: 'urn:parley:error:validation_failed', retryable: false });
  });

  it('answers preconditions and ranges on the page’s files without failing', async () => {
    const get = (headers: Record<string, string>) =>
      app.call('/', { headers: { accept: 'text/html', ...headers } });
    expect((await get({ range: 'bytes=99999999-' })).status).to.equal(200);
    const { status, body } = await get({ 'if-match': '"other"' });
    expect([status, body.code]).to.deep.equal([422, 'validation_failed']);
  });

  it('answers unknown routes with a problem, too', async () => {
    for (const path of ['/nowhere', '/agent', '/assets/none.js', '/..%2fpackage.json', '/.env']) {
      expect(await code(path), path).to.deep.equal([404, 'not_found']);
    }
    expect(await code('/auth/login')).to.deep.equal([404, 'not_found']);
  });

  it('runs one request id through, and makes its own of what looks odd', async () => {
    const id = async (given: string) => {
      const { headers, body } = await app.call('/nowhere', { headers: { 'x-request-id': given } });
      expect(body.request_id).to.equal(headers.get('x-request-id'));
      return body.request_id;
    };
    expect(await id('trace-1.a')).to.equal('trace-1.a');
    expect(await id('a "quoted" one')).to.match(/^[0-9a-f-]{36}$/);
    expect(await id('x'.repeat(65))).to.match(/^[0-9a-f-]{36}$/);
  });

  it('keeps the page to itself with a strict policy', async () => {
    const { headers } = await app.call('/');
    const policy = headers.get('content-security-policy') ?? '';
    const host = new URL(app.url).host;
    for (const directive of [
      "default-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "frame-ancestors 'none'",
      "object-src 'none'",
      `connect-src 'self' ws://${host} wss://${host}`,
    ]) {
      expect(policy.split(';'), directive).to.include(directive);
    }
    expect(policy).to.not.match(/unsafe|upgrade-insecure-requests|\*/);
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('x-powered-by')).to.equal(null);
    expect(headers.get('strict-transport-security')).to.equal(null);
  });

  it('does not let a host header write into the policy', async () => {
    const { port } = new URL(app.url);
    const asked = request({ port, path: '/', headers: { host: "evil.example 'unsafe-inline'" } });
    asked.end();
    const [response] = await once(asked, 'response');
    response.resume();
    expect(response.headers['content-security-policy']).to.not.include('unsafe');
  });

  it('lets configured origins read answers with credentials, and no others', async () => {
    const preflight = (origin: string) =>
      app.call('/agent/conversations', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
    const { status, headers } = await preflight(CORS_ORIGIN);
    expect(status).to.equal(204);
    expect(headers.get('access-control-allow-origin')).to.equal(CORS_ORIGIN);
    expect(headers.get('access-control-allow-credentials')).to.equal('true');
    expect(headers.get('access-control-allow-methods')).to.include('PATCH');
    const get = await app.call('/health', { headers: { origin: CORS_ORIGIN } });
    expect(get.headers.get('access-control-expose-headers')).to.equal(
      'Link,Retry-After,X-Request-Id',
    );
    for (const origin of ['https://evil.example', 'null', app.url]) {
      const other = await preflight(origin);
      expect(other.headers.get('access-control-allow-origin'), origin).to.equal(null);
    }
  });

  it('lets configured origins poll for a socket with credentials, and no others', async () => {
    const poll = async (origin: string, method: string) => {
      const url = `${app.url}/socket.io/?EIO=4&transport=polling`;
      const { status, headers } = await fetch(url, { method, headers: { origin } });
      const names = ['access-control-allow-origin', 'access-control-allow-credentials'];
      return [status, ...names.map((name) => headers.get(name))];
    };
    expect(await poll(CORS_ORIGIN, 'GET')).to.deep.equal([200, CORS_ORIGIN, 'true']);
    expect(await poll(CORS_ORIGIN, 'OPTIONS')).to.deep.equal([204, CORS_ORIGIN, 'true']);
    expect((await poll('https://evil.example', 'GET'))[1]).to.equal(null);
  });

  it('survives a request that breaks off in its body', async () => {
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    socket.write(`${head}Content-Length: 100\r\n\r\n{"email":`);
    socket.end();
    socket.resume();
    await once(socket, 'close');
    expect((await app.call('/health')).status).to.equal(200);
  });
});

describe('REST limits', () => {
  it('bound the requests of a user, and the messages', async () => {
    const app = await startApp({
      REQUESTS_PER_MINUTE: '6',
      MESSAGES_PER_MINUTE: '2',
    });
    try {
      const { token } = await app.register('busy');
      const statuses: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        statuses.push((await app.call('/agent/chat', { token, body: { message: 'x' } })).status);
      }
      expect(statuses).to.deep.equal([200, 200, 429]);
      for (let i = 0; i < 3; i += 1) {
        expect((await app.call('/users/me', { token })).status).to.equal(200);
      }
      const refused = await app.call('/users/me', { token });
      expect([refused.status, refused.body.code]).to.deep.equal([429, 'rate_limited']);
      expect((await app.call('/health')).status).to.equal(200);
    } finally {
      await app.stop();
    }
  });
});
