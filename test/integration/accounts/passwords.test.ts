import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { guess } from '../../../lab/people/guesses.js';
import { createPasswordHasher } from '../../../src/adapters/bcrypt/password-hasher.js';
import { openCommonPasswords } from '../../../src/adapters/common-passwords.js';

const COST = 5;

describe('Passwords', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp({ BCRYPT_COST: String(COST) });
  });
  after(() => app?.stop());

  const register = (password: string, language = 'en') =>
    app.call('/auth/register', {
      body: { email: 'grace.hopper@example.com', username: 'Amazing Grace', password },
      headers: { 'accept-language': language },
    });

  const change = ({ token, password }: Account, new_password: string, current = password) =>
    app.call('/users/me/password', {
      token,
      body: { current_password: current, new_password },
    });

  it('that everybody tries first are refused at registration, in any case and in both languages', async () => {
    const english = await register('Password123');
    expect([english.status, english.body.code]).to.deep.equal([422, 'validation_failed']);
    expect(english.body.errors).to.deep.equal([
      {
        path: 'password',
        message: 'password is among the most common passwords; please choose another',
        rule: 'password.common',
      },
    ]);
    expect((await register('qwertyuiop', 'zh-CN')).body.errors).to.deep.equal([
      {
        path: 'password',
        message: 'password 属于最常见的密码，请换一个',
        rule: 'password.common',
      },
    ]);
  });

  it('that are the user’s own email or name are refused', async () => {
    for (const own of ['GRACE.HOPPER@example.com', 'grace.hopper', 'amazing grace']) {
      const { status, body } = await register(own);
      expect([status, body.errors?.[0]?.path]).to.deep.equal([422, 'password']);
      expect(body.errors?.[0]?.message).to.equal('password must not be your email address or name');
    }
    expect(await app.rows('SELECT id FROM users')).to.deep.equal([]);
  });

  it('are held to the same when they are changed, and then stay as they were', async () => {
    const ada = await app.register('ada-lovelace');
    for (const bad of ['iloveyou1', 'ada-lovelace', 'short', 'x'.repeat(73)]) {
      const { status, body } = await change(ada, bad);
      expect([status, body.errors?.[0]?.path], bad).to.deep.equal([422, 'new_password']);
    }
    expect((await guess(app.url, ada)).status).to.equal(200);
    expect((await change(ada, 'a much better one')).status).to.equal(200);
    expect((await guess(app.url, { ...ada, password: 'a much better one' })).status).to.equal(200);
  });

  it('are not to be guessed at within a session, which goes on otherwise', async () => {
    const eve = await app.register('eve');
    const device = await app.device(eve);
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await change(eve, 'a much better one', 'a guess')).status);
    }
    expect(statuses).to.deep.equal([401, 401, 401, 401, 401, 429, 429]);
    expect(await device.ask('conversation:list', {})).to.have.property('conversations');
    const other = await app.call<{ access_token: string }>('/auth/login', { body: eve });
    const token = other.body.access_token;
    expect((await change({ ...eve, token }, 'a much better one')).status).to.equal(200);
  });

  it('are hashed anew at the next login when the cost has risen', async () => {
    const bob = await app.register('bob');
    const cheap = createPasswordHasher({ cost: COST - 1 });
    const hash = await cheap.hash(bob.password);
    await cheap.stop();
    await app.rows('UPDATE users SET password_hash = $1 WHERE id = $2', [hash, bob.id]);
    expect((await guess(app.url, { ...bob, password: 'wrong' })).status).to.equal(401);
    expect((await guess(app.url, bob)).status).to.equal(200);
    await eventually(
      () =>
        app.rows<{ password_hash: string }>('SELECT password_hash FROM users WHERE id = $1', [
          bob.id,
        ]),
      ([row]) => row?.password_hash.startsWith('$2b$05$') === true,
    );
    expect((await guess(app.url, bob)).status).to.equal(200);
  });

  it('of the list are many, and those of the examples are none of them', async () => {
    const common = openCommonPasswords();
    expect(['12345678', 'PASSWORD1', 'trustno1'].every((one) => common.has(one))).to.equal(true);
    expect(common.has('SecurePass123!')).to.equal(false);
  });
});
