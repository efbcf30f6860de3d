import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Session, TokenResponse } from '../../../src/contract/accounts.js';

describe('login limits', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp({
      LOGIN_PER_MINUTE: '5',
      REFRESH_PER_MINUTE: '3',
      TRUST_PROXY: 'true',
    });
    await app.register('victim');
    await app.rows(`UPDATE sessions SET ip = '203.0.113.7'`);
  });
  after(() => app.stop());

  const attempt = (email: string, address: string) =>
    app.call('/auth/login', {
      body: { email, password: 'wrong' },
      headers: { 'x-forwarded-for': address },
    });

  it('stop guessing from one address, with the time to wait', async () => {
    for (let i = 0; i < 5; i += 1) {
      expect((await attempt(`guess${i}@example.com`, '192.0.2.1')).status).to.equal(401);
    }
    const refused = await attempt('guess9@example.com', '192.0.2.1');
    expect([refused.status, refused.body.code]).to.deep.equal([429, 'rate_limited']);
    expect(refused.body.retry_after_ms).to.be.within(1, 60_000);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
  });

  it('know an address whatever port a proxy adds, and count what is none as the proxy', async () => {
    for (const told of [(n: number) => `192.0.2.2:${5000 + n}`, (n: number) => `made-up-${n}`]) {
      const seen: number[] = [];
      for (let n = 0; n < 6; n += 1) {
        seen.push((await attempt(`port${n}@example.com`, told(n))).status);
      }
      expect(seen).to.deep.equal([401, 401, 401, 401, 401, 429]);
    }
  });

  it('show addresses alone, the same in every list', async () => {
    const { token, email, password } = await app.register('mapped');
    const body = { email, password };
    const headers = { 'x-forwarded-for': '[::ffff:203.0.113.9]:4711' };
    await app.call('/auth/login', { body, headers });
    const sessions = await app.call<Session[]>('/users/me/sessions', { token });
    expect(sessions.body.map(({ ip }) => ip)).to.include('203.0.113.9');
    const stored = await app.rows<{ ip: string }>(
      'SELECT ip FROM sessions UNION SELECT ip FROM audit_log',
    );
    expect(stored.filter(({ ip }) => /:\d+$|ffff|\[/.test(ip))).to.deep.equal([]);
  });

  it('stop guessing one account from many addresses', async () => {
    for (let i = 0; i < 5; i += 1) {
      expect((await attempt('victim@example.com', `198.51.100.${i}`)).status).to.equal(401);
    }
    expect((await attempt('VICTIM@example.com', '198.51.100.99')).status).to.equal(429);
    expect((await attempt('other@example.com', '198.51.100.99')).status).to.equal(401);
  });

  it('stop refreshing one session from many addresses, and leave others alone', async () => {
    const [busy, calm] = [await app.register('busy'), await app.register('calm')];
    const refresh = (refresh_token: string, n: number) =>
      app.call<TokenResponse>('/auth/refresh', {
        body: { refresh_token },
        headers: { 'x-forwarded-for': `192.0.2.${100 + n}` },
      });
    const seen: number[] = [];
    let token = busy.refreshToken;
    for (let n = 0; n < 5; n += 1) {
      const { status, body } = await refresh(token, n);
      seen.push(status);
      token = body.refresh_token ?? token;
    }
    expect(seen).to.deep.equal([200, 200, 200, 429, 429]);
    expect((await refresh(calm.refreshToken, 5)).status).to.equal(200);
  });
});
