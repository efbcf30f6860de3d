import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import type { Session, TokenResponse } from '../../../src/contract/accounts.js';
import type { Acknowledgement } from '../../../src/contract/rest.js';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
const PHONE = 'ParleyApp/2.1 (iPhone; iOS 17.5)';
const PROXIED = { TRUST_PROXY: '1', LIMIT_SCALE: '0' };

describe('devices over REST', () => {
  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let serial = 0;

  before(async () => {
    ({ app, faults } = await judged(await startApp(PROXIED)));
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(async () => {
    serial += 1;
    ada = await app.register(`ada${serial}`);
  });

  const from = (userAgent: string, ip: string) => ({
    'user-agent': userAgent,
    'x-forwarded-for': ip,
  });
  const logIn = async (headers: Record<string, string> = {}, password = ada.password) => {
    const body = { email: ada.email, password };
    const answer = await app.call<TokenResponse>('/auth/login', { body, headers });
    const { access_token: token = '', refresh_token: refreshToken = '' } = answer.body;
    return { ...ada, token, refreshToken };
  };
  const list = async (token = ada.token) =>
    (await app.call<Session[]>('/users/me/sessions', { token })).body;
  const remove = (path: string, token = ada.token) => app.call(path, { method: 'DELETE', token });
  const codeOf = async (token: string) => (await app.call('/users/me', { token })).body.code;
  const closed = (device: Device) =>
    new Promise<void>((resolve) => {
      if (device.socket.disconnected) resolve();
      else device.socket.once('disconnect', () => resolve());
    });

  it('are listed with what a person knows them by, the one used last first', async () => {
    const phone = await logIn(from(PHONE, '203.0.113.7'));
    const sessions = await list(phone.token);
    expect(sessions).to.have.length(2);
    const [mine, other] = sessions;
    expect(mine).to.have.all.keys(
      ...['id', 'device', 'user_agent', 'ip', 'created_at', 'last_used_at', 'expires_at'],
      'current',
    );
    expect(mine).to.include({ device: 'ParleyApp on iPhone', ip: '203.0.113.7', current: true });
    expect(mine?.user_agent).to.equal(PHONE);
    expect(other).to.include({ device: 'node', current: false });
    expect(Date.parse(mine?.expires_at ?? '')).to.be.greaterThan(Date.now() + 6 * 86_400_000);
  });

  it('show where they were refreshed last, and keep their name where none is told', async () => {
    const refresh = async (refresh_token: string, headers: Record<string, string>) => {
      const answer = await app.call<TokenResponse>('/auth/refresh', {
        body: { refresh_token },
        headers,
      });
      return answer.body.refresh_token ?? '';
    };
    const [before] = await list();
    const next = await refresh(ada.refreshToken, from(FIREFOX, '198.51.100.1'));
    const [moved] = await list();
    expect(moved).to.include({ id: before?.id, device: 'Firefox on Windows', ip: '198.51.100.1' });
    expect(moved?.created_at).to.equal(before?.created_at);
    expect(Date.parse(moved?.last_used_at ?? '')).to.be.greaterThan(
      Date.parse(before?.last_used_at ?? ''),
    );
    await refresh(next, from('', '198.51.100.2'));
    expect((await list())[0]).to.include({ device: 'Firefox on Windows', ip: '198.51.100.2' });
    await refresh(next, from(PHONE, '198.51.100.3'));
    expect((await list())[0]).to.include({ device: 'ParleyApp on iPhone', ip: '198.51.100.3' });
  });

  it('are ended one by one, sockets included, and the others go on', async () => {
    const phone = await logIn();
    const laptop = await logIn();
    const socket = await app.device(phone);
    const kept = await app.device(laptop);
    const { id } = (await list(phone.token)).find(({ current }) => current) ?? { id: '' };
    const answer = await app.call<Acknowledgement>(`/users/me/sessions/${id}`, {
      method: 'DELETE',
      token: ada.token,
    });
    expect([answer.status, answer.body.message]).to.deep.equal([200, 'Session ended']);
    expect(await socket.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
    await closed(socket);
    expect(await codeOf(phone.token)).to.equal('session_revoked');
    expect(await codeOf(laptop.token)).to.equal(undefined);
    await kept.ask('conversation:list', {});
    expect(await list()).to.have.length(2);
    expect((await remove(`/users/me/sessions/${id}`)).status).to.equal(404);
  });

  it('end their own, and browsers lose their cookies with it', async () => {
    const headers = { origin: app.url };
    const body = { email: ada.email, password: ada.password };
    const login = await app.call('/auth/login', { body, headers });
    const cookie = login.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const own = await app.call<Session[]>('/users/me/sessions', { headers: { cookie } });
    const { id } = own.body.find(({ current }) => current) ?? { id: '' };
    const answer = await app.call(`/users/me/sessions/${id}`, {
      method: 'DELETE',
      headers: { cookie, origin: app.url },
    });
    expect(answer.status).to.equal(200);
    expect(answer.headers.getSetCookie().filter((line) => line.includes('=;'))).to.have.length(2);
    expect((await app.call('/users/me', { headers: { cookie } })).status).to.equal(401);
  });

  it('are all ended but the one that asks', async () => {
    const others = await Promise.all([logIn(), logIn(), logIn()]);
    const sockets = await Promise.all(others.map((other) => app.device(other)));
    const mine = await app.device(ada);
    expect((await remove('/users/me/sessions')).status).to.equal(200);
    await Promise.all(sockets.map(closed));
    expect((await list()).map(({ current }) => current)).to.deep.equal([true]);
    expect(mine.all('session:ended')).to.deep.equal([]);
    await mine.ask('conversation:list', {});
    expect((await remove('/users/me/sessions')).status).to.equal(200);
  });

  it('of others are not there, and what is no id is said to be none', async () => {
    const eve = await app.register(`eve${serial}`);
    const { id } = (await list())[0] ?? { id: '' };
    const stranger = await remove(`/users/me/sessions/${id}`, eve.token);
    expect([stranger.status, stranger.body.code]).to.deep.equal([404, 'not_found']);
    expect(await codeOf(ada.token)).to.equal(undefined);
    for (const bad of ['1', `${id}0`, `{${id}}`, '%00']) {
      const { status, body } = await remove(`/users/me/sessions/${bad}`);
      expect([status, body.code], bad).to.deep.equal([422, 'validation_failed']);
    }
    expect((await remove(`/users/me/sessions/${id.toUpperCase()}`)).status).to.equal(200);
  });

  it('never become more than a hundred: the one used least recently goes', async () => {
    await app.rows(
      `INSERT INTO sessions (id, user_id, last_used_at, expires_at)
       SELECT gen_random_uuid(), $1, now() - i * interval '1 minute', now() + interval '1 day'
       FROM generate_series(1, 99) i`,
      [ada.id],
    );
    expect(await list()).to.have.length(100);
    const oldest = (await list()).at(-1);
    const { token } = await logIn();
    const left = await list(token);
    expect(left).to.have.length(100);
    expect(left.map(({ id }) => id)).to.not.include(oldest?.id);
    const [ended] = await app.rows<{ ids: string[] }>(
      'SELECT array_agg(id) AS ids FROM sessions WHERE user_id = $1 AND revoked_at IS NOT NULL',
      [ada.id],
    );
    expect(ended?.ids).to.deep.equal([oldest?.id]);
    expect(await codeOf(ada.token)).to.equal(undefined);
  });

  describe('and the password', () => {
    const NEXT = 'another one, 另一个';
    const change = (token: string, current_password: string, new_password = NEXT) =>
      app.call('/users/me/password', { token, body: { current_password, new_password } });

    it('ends the others when it is changed, while this device and its sockets stay', async () => {
      const other = await logIn();
      const [mine, theirs] = await Promise.all([app.device(ada), app.device(other)]);
      expect((await change(ada.token, ada.password)).status).to.equal(200);
      expect(await theirs.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
      expect(await codeOf(other.token)).to.equal('session_revoked');
      expect(await codeOf(ada.token)).to.equal(undefined);
      await mine.ask('conversation:list', {});
      const refresh = { body: { refresh_token: ada.refreshToken } };
      expect((await app.call('/auth/refresh', refresh)).status).to.equal(200);
      expect((await logIn()).token).to.equal('');
      expect((await logIn({}, NEXT)).token).to.not.equal('');
    });

    it('is not changed by who does not know it, and nothing ends', async () => {
      const other = await logIn();
      const { status, body } = await change(ada.token, 'wrong one');
      expect([status, body.code]).to.deep.equal([401, 'invalid_credentials']);
      expect(await codeOf(other.token)).to.equal(undefined);
      expect((await logIn()).token).to.not.equal('');
    });

    it('must be given twice, and be one that can be', async () => {
      const paths = async (body: object) => {
        const answer = await app.call('/users/me/password', { token: ada.token, body });
        expect([answer.status, answer.body.code]).to.deep.equal([422, 'validation_failed']);
        return answer.body.errors?.map(({ path }) => path);
      };
      expect(await paths({})).to.deep.equal(['current_password', 'new_password']);
      const current_password = ada.password;
      expect(await paths({ current_password, new_password: 'short' })).to.deep.equal([
        'new_password',
      ]);
      expect(await paths({ current_password, new_password: 'x'.repeat(73) })).to.have.length(1);
    });

    it('is changed once by two who change it at once', async () => {
      const other = await logIn();
      const answers = await Promise.all([
        change(ada.token, ada.password, 'first new one'),
        change(other.token, ada.password, 'second new one'),
      ]);
      expect(answers.map(({ status }) => status)).to.have.members([200, 401]);
      expect(await Promise.all([codeOf(ada.token), codeOf(other.token)])).to.have.members([
        undefined,
        'session_revoked',
      ]);
    });
  });

  it('keep no token: no column of any row holds one, or its id', async () => {
    const next = await app.call<TokenResponse>('/auth/refresh', {
      body: { refresh_token: ada.refreshToken },
    });
    const { access_token = '', refresh_token = '' } = next.body;
    const tokens = [ada.token, ada.refreshToken, access_token, refresh_token];
    const secrets = tokens.flatMap((token) => {
      const [, claims = '', signature = ''] = token.split('.');
      const { jti } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      expect(jti).to.be.a('string');
      return [claims, signature, String(jti)];
    });
    const tables = await app.rows<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const text: string[] = [];
    for (const { name } of tables) {
      const rows = await app.rows<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM ${name} t`,
      );
      text.push(...rows.map(({ row }) => row));
    }
    expect(text.some((row) => row.includes(ada.email))).to.equal(true);
    for (const row of text) {
      for (const secret of secrets) expect(row).to.not.include(secret);
      expect(row).to.not.match(/eyJ[\w-]{10,}\./);
    }
  });
});
