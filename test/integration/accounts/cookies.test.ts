import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';

interface Tokens {
  access: string;
  refresh: string;
}

describe('Cookies of one name', () => {
  let app: TestApp;
  let ada: Account;
  const sockets: Socket[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
  });
  after(() => app.stop());
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });

  const logIn = async (): Promise<Tokens> => {
    const { email, password } = ada;
    const { body } = await app.call<Record<string, string>>('/auth/login', {
      body: { email, password },
    });
    return { access: body.access_token ?? '', refresh: body.refresh_token ?? '' };
  };

  /** Whether each way in accepts the cookies. */
  const call = (path: string, cookie: string, method = 'GET') =>
    app.call<Record<string, unknown>>(path, { method, headers: { cookie, origin: app.url } });
  const connects = (cookie: string, transport: string) =>
    new Promise<string>((resolve) => {
      const extraHeaders = { cookie, origin: app.url };
      const socket = io(app.url, { transports: [transport], extraHeaders, forceNew: true });
      sockets.push(socket);
      socket.once('connect', () => resolve('connected'));
      socket.once('connect_error', (error) => resolve(Reflect.get(error, 'data')?.code));
    });

  const others = async (): Promise<Record<string, string>> => {
    const ended = await logIn();
    await app.call('/auth/logout', { body: { refresh_token: ended.refresh } });
    return {
      'of another product': 'abc',
      'that was cut': 'eyJhbGciOiJIUzI1NiJ9.e30.',
      'of a session that has ended': ended.access,
      'that is empty': '',
      'that a parser takes for an object': 'j:{"a":1}',
      'that is encoded': '%7B%22a%22%3A1%7D',
      'that is quoted': '"abc"',
    };
  };

  it('are all tried by REST and by both transports, wherever the good one stands', async () => {
    const { access } = await logIn();
    for (const [what, other] of Object.entries(await others())) {
      for (const [first, last] of [
        [other, access],
        [access, other],
        [other, `"${access}"`],
      ]) {
        const cookie = `a=b; access_token=${first}; access_token=${last};access_token_x=1`;
        expect((await call('/users/me', cookie)).status, what).to.equal(200);
        expect((await call('/users/me/sessions', cookie)).status, what).to.equal(200);
        expect((await call('/agent/conversations', cookie, 'POST')).status, what).to.equal(201);
        expect(await connects(cookie, 'websocket'), what).to.equal('connected');
        expect(await connects(cookie, 'polling'), what).to.equal('connected');
      }
    }
  });

  it('are refused together when none is good, for the reason that leads furthest', async () => {
    const stale = await others();
    const cookie = Object.values(stale)
      .map((token) => `access_token=${token}`)
      .join('; ');
    const { status, body } = await call('/users/me', cookie);
    expect([status, body.code]).to.deep.equal([401, 'token_invalid']);
    expect(await connects(cookie, 'websocket')).to.equal('token_invalid');
    expect((await call('/users/me', 'access_token=; access_token')).body.code).to.equal(
      'unauthenticated',
    );
  });

  it('are looked at up to a number', async () => {
    const { access } = await logIn();
    const cookie = (before: number) =>
      [...Array.from({ length: before }, (_, i) => `x${i}`), access]
        .map((token) => `access_token=${token}`)
        .join('; ');
    expect((await call('/users/me', cookie(4))).status).to.equal(200);
    expect((await call('/users/me', cookie(5))).status).to.equal(401);
  });

  it('refresh the session by the youngest of its tokens, and an older one beside it is no theft', async () => {
    const first = await logIn();
    const refreshed = async (token: string) => {
      const { body } = await app.call<Record<string, string>>('/auth/refresh', {
        body: { refresh_token: token },
      });
      return body.refresh_token ?? '';
    };
    const second = await refreshed(first.refresh);
    const third = await refreshed(second);
    for (const order of [
      [first.refresh, third],
      ['x', first.refresh, second, third],
    ]) {
      const cookie = order.map((token) => `refresh_token=${token}`).join('; ');
      expect((await call('/auth/refresh', cookie, 'POST')).status).to.equal(200);
    }
    expect((await call('/users/me', `access_token=${first.access}`)).status).to.equal(200);
  });

  it('refresh and log out past one of a session that has ended', async () => {
    const good = await logIn();
    const ended = await logIn();
    await app.call('/auth/logout', { body: { refresh_token: ended.refresh } });
    const cookie = `refresh_token=${ended.refresh}; refresh_token=${good.refresh}`;
    expect((await call('/auth/refresh', cookie, 'POST')).status).to.equal(200);
    expect((await call('/auth/logout', cookie, 'POST')).status).to.equal(200);
    const { body } = await call('/users/me', `access_token=${good.access}`);
    expect(body.code).to.equal('session_revoked');
  });
});
