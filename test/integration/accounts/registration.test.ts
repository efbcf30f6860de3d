import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { forgetAccounts, newcomer } from '../../../lab/people/newcomer.js';
import { registerAt } from '../../../lab/people/rest.js';
import type { TokenResponse, User } from '../../../src/contract/accounts.js';
import type { AuditEntry } from '../../../src/contract/audit.js';
import type { Problem } from '../../../src/contract/errors.js';
import type { RegistrationInfo } from '../../../src/contract/invitations.js';
import { describeReason, type RefusalReason } from '../../../src/entities/refusal-reasons.js';

/** As many as the node has connections: none waits for one. */
const AT_ONCE = 6;
const MODES = ['open', 'invite', 'closed'] as const;

describe('Registration', () => {
  const apps = new Map<string, TestApp>();
  const at = (mode: (typeof MODES)[number]): TestApp => {
    const app = apps.get(mode);
    if (!app) throw new Error(`no node is ${mode}`);
    return app;
  };

  before(async () => {
    for (const REGISTRATION of MODES) {
      apps.set(REGISTRATION, await startApp({ REGISTRATION, LIMIT_SCALE: '0' }));
    }
  });
  after(async () => {
    for (const app of apps.values()) await app.stop();
  });

  const stateOf = async (app: TestApp) =>
    (await app.call<RegistrationInfo>('/auth/registration')).body;
  const register = (app: TestApp, username: string) =>
    app.call<TokenResponse & Problem>('/auth/register', { body: newcomer(username) });

  for (const mode of MODES) {
    it(`makes the first account of all an administrator, and is then ${mode}`, async () => {
      const app = at(mode);
      await forgetAccounts(app);
      expect(await stateOf(app)).to.deep.equal({ registration: 'first' });
      const { status, body } = await register(app, 'first');
      expect([status, body.user.roles]).to.deep.equal([201, ['user', 'admin']]);
      expect(await stateOf(app)).to.deep.equal({ registration: mode });
      const token = body.access_token ?? '';
      const users = await app.call<User[]>('/admin/users', { token });
      expect(users.body.map(({ roles }) => roles)).to.deep.equal([['user', 'admin']]);
      const log = await app.call<AuditEntry[]>('/admin/audit?action=registered', { token });
      expect(log.body.map(({ details }) => details)).to.deep.equal([{ roles: ['user', 'admin'] }]);
    });
  }

  it('is open to everybody, as ordinary users, where it is open', async () => {
    const { status, body } = await register(at('open'), 'second');
    expect([status, body.user.roles]).to.deep.equal([201, ['user']]);
  });

  const REFUSED: [(typeof MODES)[number], RefusalReason][] = [
    ['invite', 'invitation_required'],
    ['closed', 'registration_closed'],
  ];
  for (const [mode, reason] of REFUSED) {
    it(`is refused with the reason, in both languages, where it is ${mode}`, async () => {
      for (const language of ['en', 'zh'] as const) {
        const { status, body } = await at(mode).call('/auth/register', {
          body: newcomer('late'),
          headers: { 'Accept-Language': language },
        });
        expect([status, body.code, body.reason]).to.deep.equal([403, 'forbidden', reason]);
        expect(body.detail).to.equal(describeReason(reason, language));
      }
    });
  }

  it('tells whoever is refused before whether an address is taken', async () => {
    const { body } = await register(at('closed'), 'first');
    expect(body.code).to.equal('forbidden');
  });

  it('gives the administrator to nobody else when all accounts are gone', async () => {
    const app = at('open');
    await app.rows('DELETE FROM users');
    expect(await stateOf(app)).to.deep.equal({ registration: 'open' });
    expect((await register(app, 'heir')).body.user.roles).to.deep.equal(['user']);
  });

  it('finds accounts that a node of an earlier release has made', async () => {
    const app = at('open');
    await forgetAccounts(app);
    await app.rows(
      `INSERT INTO users (email, username, password_hash) VALUES ('a@b.example', 'old', '-')`,
    );
    expect((await register(app, 'newer')).body.user.roles).to.deep.equal(['user']);
  });

  it('makes no second administrator of many who are first at once', async () => {
    const app = at('open');
    await forgetAccounts(app);
    const all = await Promise.all(
      Array.from(
        { length: AT_ONCE },
        (_, i): Promise<Account> => registerAt(app.url, `one-of-${i}`),
      ),
    );
    expect(all.every(({ token }) => token !== '')).to.equal(true);
    const admins = await app.rows(
      `SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE r.name = 'admin'`,
    );
    expect(admins).to.have.length(1);
  });

  it('lets the next one be first when the first fails', async () => {
    const app = at('closed');
    await forgetAccounts(app);
    const wrong = { ...newcomer('first'), password: 'password' };
    expect((await app.call('/auth/register', { body: wrong })).body.code).to.equal(
      'validation_failed',
    );
    expect((await register(app, 'first')).body.user.roles).to.include('admin');
  });
});
