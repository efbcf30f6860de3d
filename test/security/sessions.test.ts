import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import type { TokenResponse } from '../../src/contract/accounts.js';

const sidOf = (token: string | undefined): string =>
  JSON.parse(atob(token?.split('.')[1] ?? '')).sid;

const cookiesOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    headers
      .getSetCookie()
      .map((line) => (line.split(';', 1)[0] ?? '').split('=') as [string, string]),
  );

describe('the session of a login', () => {
  let app: TestApp;
  let ada: Account;
  let eve: Account;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
  });
  after(() => app.stop());

  const logIn = ({ email, password }: Account, headers: Record<string, string> = {}) =>
    app.call<TokenResponse>('/auth/login', { body: { email, password }, headers });

  it('is never one that somebody else has chosen', async () => {
    const planted = `access_token=${eve.token}; refresh_token=${eve.refreshToken}`;
    const { headers } = await logIn(ada, { cookie: planted, origin: app.url });
    const given = cookiesOf(headers);
    const sids = [given.access_token, given.refresh_token].map(sidOf);
    expect(new Set(sids).size).to.equal(1);
    expect(sids[0]).to.not.be.oneOf([sidOf(eve.token), sidOf(ada.token)]);
    const me = await app.call<{ username: string }>('/users/me', { token: eve.token });
    expect(me.body.username).to.equal('eve');
  });

  it('is a new one each time, and none knows of another', async () => {
    const sids = [];
    for (let i = 0; i < 3; i += 1) sids.push(sidOf((await logIn(ada)).body.access_token));
    expect(new Set(sids).size).to.equal(3);
  });

  it('is not chosen by a body, a query or a header either', async () => {
    const sid = sidOf(eve.token);
    const { email, password } = ada;
    const { body } = await app.call<TokenResponse>(`/auth/login?sid=${sid}&session=${sid}`, {
      body: { email, password, sid, session_id: sid, id: sid },
      headers: { 'x-session-id': sid },
    });
    expect(sidOf(body.access_token)).to.not.equal(sid);
  });

  it('ends for the thief and the owner when a stolen refresh token is used after its owner went on', async () => {
    const { body: stolen } = await logIn(ada);
    const refresh = (refresh_token: string | undefined) =>
      app.call<TokenResponse & { code?: string }>('/auth/refresh', { body: { refresh_token } });
    const first = await refresh(stolen.refresh_token);
    const second = await refresh(first.body.refresh_token);
    const theft = await refresh(stolen.refresh_token);
    expect([theft.status, theft.body.code]).to.deep.equal([401, 'refresh_reused']);
    for (const { body } of [first, second]) {
      const { body: refused } = await app.call('/users/me', { token: body.access_token ?? '' });
      expect(refused.code).to.equal('session_revoked');
    }
    expect((await refresh(second.body.refresh_token)).status).to.equal(401);
  });
});
