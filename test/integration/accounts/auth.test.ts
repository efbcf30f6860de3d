import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { TokenResponse, User } from '../../../src/contract/accounts.js';

const PASSWORD = 'SecurePass123!';
const APP_ORIGIN = 'capacitor://localhost';
const CORS_ORIGIN = 'https://chat.example.org';

const cookiesOf = (headers: Headers) =>
  new Map(
    headers.getSetCookie().map((line) => {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      return [name, { value, attributes }];
    }),
  );

const cookieHeader = (headers: Headers) =>
  [...cookiesOf(headers)].map(([name, { value }]) => `${name}=${value}`).join('; ');

describe('accounts over REST', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp({ BODY_TOKEN_ORIGINS: APP_ORIGIN, CORS_ORIGINS: CORS_ORIGIN });
    ada = await app.register('ada');
  });
  after(() => app.stop());

  const logIn = (headers: Record<string, string> = {}, { email } = ada) =>
    app.call<TokenResponse>('/auth/login', { body: { email, password: PASSWORD }, headers });
  const newTokens = async () => (await logIn()).body;

  it('register with the role user and answer tokens in the body', async () => {
    const body = { email: 'Bob@example.com', username: 'Bob', password: PASSWORD };
    const answer = await app.call<TokenResponse>('/auth/register', { body });
    expect(answer.status).to.equal(201);
    expect(answer.body).to.include({ token_type: 'bearer', expires_in: 900 });
    expect(answer.body.user).to.include({ email: body.email, username: 'Bob', is_active: true });
    expect(answer.body.user.roles).to.deep.equal(['user']);
    expect(answer.headers.getSetCookie()).to.deep.equal([]);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
  });

  it('refuse an email or a username that is taken, whatever its case', async () => {
    const register = (email: string, username: string) =>
      app.call('/auth/register', { body: { email, username, password: PASSWORD } });
    const [email, username] = await Promise.all([
      register('ADA@example.com', 'other'),
      register('other@example.com', 'ADA'),
    ]);
    expect([email.status, email.body.code]).to.deep.equal([409, 'email_taken']);
    expect([username.status, username.body.code]).to.deep.equal([409, 'username_taken']);
  });

  it('answer alike for an unknown email and a wrong password', async () => {
    const attempt = async (email: string) => {
      const { status, body } = await app.call('/auth/login', {
        body: { email, password: 'wrong' },
      });
      return { ...body, request_id: '', httpStatus: status };
    };
    const wrong = await attempt(ada.email);
    expect(wrong).to.include({ httpStatus: 401, code: 'invalid_credentials' });
    expect(await attempt('nobody@example.com')).to.deep.equal(wrong);
  });

  it('register a dozen times in a minute from one address', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const body = { email: `dozen${i}@example.com`, username: `dozen${i}`, password: PASSWORD };
        return app.call('/auth/register', { body });
      }),
    );
    expect(all.map(({ status }) => status)).to.deep.equal(Array(12).fill(201));
  });

  it('give browsers their tokens as HttpOnly cookies and never in the body', async () => {
    const { status, headers, body } = await logIn({ origin: app.url });
    expect(status).to.equal(200);
    expect(body).to.not.have.any.keys('access_token', 'refresh_token');
    const cookies = cookiesOf(headers);
    expect([...cookies.keys()]).to.have.members(['access_token', 'refresh_token']);
    expect(cookies.get('access_token')?.attributes).to.include.members(['HttpOnly', 'Path=/']);
    expect(cookies.get('refresh_token')?.attributes).to.include.members(['HttpOnly', 'Path=/auth']);
    for (const { attributes } of cookies.values()) {
      expect(attributes).to.include('SameSite=Lax').and.to.not.include('Secure');
    }
  });

  it('take Sec-Fetch-Site for the sign of a browser, too', async () => {
    const { body, headers } = await logIn({ 'sec-fetch-site': 'same-origin' });
    expect(body).to.not.have.any.keys('access_token', 'refresh_token');
    expect(cookiesOf(headers)).to.have.all.keys('access_token', 'refresh_token');
    expect((await logIn({ 'sec-fetch-site': 'cross-site' })).status).to.equal(403);
  });

  it('give apps of a configured origin their tokens in the body', async () => {
    const { body, headers } = await logIn({ origin: APP_ORIGIN, 'sec-fetch-site': 'cross-site' });
    expect(body.access_token).to.be.a('string');
    expect(headers.getSetCookie()).to.deep.equal([]);
    expect(headers.get('access-control-allow-origin')).to.equal(APP_ORIGIN);
    expect(headers.get('access-control-allow-credentials')).to.equal(null);
  });

  it('set no cookies for pages of other sites', async () => {
    for (const path of ['/auth/login', '/auth/register', '/auth/refresh']) {
      const { refresh_token } = await newTokens();
      const bodies: Record<string, unknown> = {
        '/auth/login': { email: ada.email, password: PASSWORD },
        '/auth/register': { email: 'f@example.com', username: 'foreign', password: PASSWORD },
        '/auth/refresh': { refresh_token },
      };
      const origin = 'https://evil.example';
      const answer = await app.call(path, { body: bodies[path], headers: { origin } });
      expect([answer.status, answer.body.code], path).to.deep.equal([403, 'origin_not_allowed']);
      expect(answer.headers.getSetCookie()).to.deep.equal([]);
    }
  });

  it('let a cookie change state only from an allowed origin, and read from anywhere', async () => {
    const cookie = cookieHeader((await logIn({ origin: app.url })).headers);
    const patch = (headers: Record<string, string>) =>
      app.call('/users/me', { method: 'PATCH', body: {}, headers: { cookie, ...headers } });
    expect((await patch({ origin: app.url })).status).to.equal(200);
    expect((await patch({ origin: CORS_ORIGIN })).status).to.equal(200);
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
      const { status, body } = await patch(headers);
      expect([status, body.code]).to.deep.equal([403, 'origin_not_allowed']);
    }
    const { status } = await app.call('/users/me', { headers: { cookie } });
    expect(status).to.equal(200);
  });

  it('let a bearer token count whatever the origin, and before any cookie', async () => {
    const cookie = cookieHeader((await logIn({ origin: app.url })).headers);
    const bob = await app.register('bearer-bob');
    const options = { token: bob.token, headers: { origin: 'https://evil.example', cookie } };
    const patch = { ...options, method: 'PATCH', body: {} };
    const { status, body } = await app.call<User>('/users/me', patch);
    expect([status, body.username]).to.deep.equal([200, 'bearer-bob']);
    const { status: bad } = await app.call('/users/me', { ...options, token: 'x' });
    expect(bad).to.equal(401);
  });

  it('refresh by cookie, and clear cookies that are worth nothing', async () => {
    const first = cookieHeader((await logIn({ origin: app.url })).headers);
    const refresh = (cookie: string) =>
      app.call<TokenResponse>('/auth/refresh', {
        method: 'POST',
        headers: { origin: app.url, cookie },
      });
    const second = await refresh(first);
    expect(second.status).to.equal(200);
    expect(second.body).to.not.have.any.keys('access_token', 'refresh_token');
    const third = await refresh(cookieHeader(second.headers));
    expect(third.status).to.equal(200);
    const reused = await refresh(first);
    expect([reused.status, reused.body]).to.deep.include(401);
    expect([...cookiesOf(reused.headers).values()].map(({ value }) => value)).to.deep.equal([
      '',
      '',
    ]);
    expect((await refresh(cookieHeader(third.headers))).status).to.equal(401);
  });

  it('refresh by body, each pair working at once', async () => {
    const first = await newTokens();
    const { status, body } = await app.call<TokenResponse>('/auth/refresh', {
      body: { refresh_token: first.refresh_token },
    });
    expect(status).to.equal(200);
    expect(body.refresh_token).to.not.equal(first.refresh_token);
    const me = await app.call<User>('/users/me', { token: body.access_token ?? '' });
    expect(me.body).to.deep.equal(body.user);
  });

  it('say what is missing or wrong with a token', async () => {
    const code = async (path: string, options = {}) => (await app.call(path, options)).body.code;
    const { access_token = '', refresh_token = '' } = await newTokens();
    expect(await code('/users/me')).to.equal('unauthenticated');
    expect(await code('/users/me', { token: refresh_token })).to.equal('token_invalid');
    expect(await code('/auth/refresh', { method: 'POST' })).to.equal('unauthenticated');
    expect(await code('/auth/refresh', { body: { refresh_token: access_token } })).to.equal(
      'token_invalid',
    );
    expect((await app.call('/users/me')).headers.get('www-authenticate')).to.equal('Bearer');
  });

  it('log out by query, body or cookie, at once and repeatably', async () => {
    const query = await newTokens();
    const byQuery = `/auth/logout?refresh_token=${query.refresh_token}`;
    expect((await app.call(byQuery, { method: 'POST' })).status).to.equal(200);
    expect((await app.call(byQuery, { method: 'POST' })).status).to.equal(200);
    const refused = await app.call('/auth/refresh', {
      body: { refresh_token: query.refresh_token },
    });
    expect([refused.status, refused.body.code]).to.deep.equal([401, 'session_revoked']);
    const dead = await app.call('/users/me', { token: query.access_token ?? '' });
    expect([dead.status, dead.body.code]).to.deep.equal([401, 'session_revoked']);

    const { refresh_token } = await newTokens();
    expect((await app.call('/auth/logout', { body: { refresh_token } })).status).to.equal(200);

    const cookie = cookieHeader((await logIn({ origin: app.url })).headers);
    const byCookie = { method: 'POST', headers: { origin: app.url, cookie } };
    const out = await app.call('/auth/logout', byCookie);
    expect(out.status).to.equal(200);
    expect([...cookiesOf(out.headers).values()].map(({ value }) => value)).to.deep.equal(['', '']);
    expect((await app.call('/users/me', { headers: { cookie } })).status).to.equal(401);
  });

  it('refuse to log out with garbage, with nothing, or for a page of another site', async () => {
    const post = { method: 'POST' };
    const garbage = await app.call('/auth/logout?refresh_token=garbage', post);
    expect([garbage.status, garbage.body.code]).to.deep.equal([401, 'token_invalid']);
    expect((await app.call('/auth/logout', post)).body.code).to.equal('unauthenticated');
    const cookie = cookieHeader((await logIn({ origin: app.url })).headers);
    const headers = { cookie, origin: 'https://evil.example' };
    expect((await app.call('/auth/logout', { ...post, headers })).status).to.equal(403);
    expect((await app.call('/users/me', { headers: { cookie } })).status).to.equal(200);
  });

  it('change their email and username, and log in with the new ones', async () => {
    const carol = await app.register('carol');
    const patch = (body: unknown) =>
      app.call<User & { code: string }>('/users/me', { method: 'PATCH', token: carol.token, body });
    const { body } = await patch({ email: 'caroline@example.com', username: 'caroline' });
    expect(body).to.include({ email: 'caroline@example.com', username: 'caroline' });
    expect((await logIn({}, { ...carol, email: 'Caroline@example.com' })).status).to.equal(200);
    expect((await patch({ email: ada.email })).body.code).to.equal('email_taken');
    expect((await patch({ username: ada.username })).body.code).to.equal('username_taken');
    expect((await patch({ username: 'CAROLINE' })).body.username).to.equal('CAROLINE');
  });

  it('delete themselves with all their sessions', async () => {
    const dave = await app.register('dave');
    const { token } = dave;
    const { status } = await app.call('/users/me', { method: 'DELETE', token });
    expect(status).to.equal(200);
    expect((await app.call('/users/me', { token })).body.code).to.equal('session_revoked');
    expect((await logIn({}, dave)).status).to.equal(401);
    const refresh = { body: { refresh_token: dave.refreshToken } };
    expect((await app.call('/auth/refresh', refresh)).status).to.equal(401);
  });
});

describe('accounts behind TLS', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp({ COOKIE_SECURE: 'true', COOKIE_SAMESITE: 'strict' });
  });
  after(() => app.stop());

  it('get cookies with the prefixes that bind them to it', async () => {
    const body = { email: 'tls@example.com', username: 'tls', password: PASSWORD };
    const { headers } = await app.call('/auth/register', { body, headers: { origin: app.url } });
    const cookies = cookiesOf(headers);
    expect([...cookies.keys()]).to.have.members(['__Host-access_token', '__Secure-refresh_token']);
    for (const { attributes } of cookies.values()) {
      expect(attributes).to.include.members(['Secure', 'SameSite=Strict', 'HttpOnly']);
    }
    expect(cookies.get('__Host-access_token')?.attributes).to.include('Path=/');
    const cookie = cookieHeader(headers);
    expect((await app.call('/users/me', { headers: { cookie } })).status).to.equal(200);
    const plain = cookie.replaceAll('__Host-', '').replaceAll('__Secure-', '');
    expect((await app.call('/users/me', { headers: { cookie: plain } })).status).to.equal(401);
    expect(headers.get('strict-transport-security')).to.include('max-age=');
    expect(headers.get('content-security-policy')).to.include('upgrade-insecure-requests');
  });
});
