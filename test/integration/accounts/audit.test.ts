import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import type { AuditEntry } from '../../../src/contract/audit.js';
import { Retention } from '../../../src/domain/retention.js';
import { createLogger } from '../../../src/node/logger.js';

const PHONE = { 'user-agent': 'Phone/1.0' };

describe('The audit log', () => {
  let app: TestApp;
  let root: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    root = await app.register('root');
    await makeAdmin(app, root);
  });
  after(() => app.stop());

  const person = () => {
    serial += 1;
    return app.register(`ann${serial}`);
  };
  const as = ({ token }: Account, method: string, path: string, body?: unknown) =>
    app.call(path, { method, token, headers: PHONE, ...(body !== undefined && { body }) });
  const read = async (query: string) =>
    (await app.call<AuditEntry[]>(`/admin/audit?${query}`, { token: root.token })).body;
  /** The recorded actions on an account, oldest first. */
  const actionsOn = async ({ id }: Account) =>
    (await read(`subject_id=${id}&limit=100`)).map(({ action }) => action).toReversed();
  const login = ({ email, password }: Account) =>
    app.call<TokenResponse>('/auth/login', { body: { email, password }, headers: PHONE });

  it('tells the life of an account, in order', async () => {
    const ann = await person();
    await login({ ...ann, password: 'wrong password' });
    const second = await login(ann);
    await as(ann, 'PATCH', '/users/me', { username: `${ann.username}x` });
    await as(ann, 'DELETE', '/users/me/sessions');
    const passwords = { current_password: ann.password, new_password: 'Another good 1' };
    await as(ann, 'POST', '/users/me/password', passwords);
    await app.call('/auth/logout', { body: { refresh_token: second.body.refresh_token } });
    await as(root, 'PATCH', `/admin/users/${ann.id}`, { roles: [] });
    await as(root, 'PATCH', `/admin/users/${ann.id}`, { is_active: false });
    await as(root, 'PATCH', `/admin/users/${ann.id}`, { is_active: true });
    expect(await actionsOn(ann)).to.deep.equal([
      'registered',
      'sign_in_refused',
      'signed_in',
      'account_changed',
      'session_revoked',
      'password_changed',
      'roles_changed',
      'account_disabled',
      'account_enabled',
    ]);
  });

  it('tells who did it, with what and from where', async () => {
    const ann = await person();
    const { body } = await login(ann);
    const claims = JSON.parse(atob(body.access_token?.split('.')[1] ?? ''));
    await as(root, 'PATCH', `/admin/users/${ann.id}`, { roles: ['user', 'admin'] });
    const [changed, loggedIn] = await read(`subject_id=${ann.id}`);
    expect(loggedIn).to.deep.include({ actor_id: ann.id, session_id: claims.sid, details: {} });
    expect(loggedIn?.user_agent).to.equal('Phone/1.0');
    expect(loggedIn?.ip).to.match(/127\.0\.0\.1$/);
    expect(changed).to.deep.include({
      action: 'roles_changed',
      actor_id: root.id,
      user_agent: 'Phone/1.0',
      details: { added: ['admin'], removed: [] },
    });
    await as(root, 'PATCH', `/admin/users/${ann.id}`, { roles: ['user'] });
  });

  it('tells a logout, and the theft of a refresh token', async () => {
    const ann = await person();
    const refresh = (token: string | undefined) =>
      app.call<TokenResponse>('/auth/refresh', { body: { refresh_token: token } });
    const second = await refresh(ann.refreshToken);
    await refresh(second.body.refresh_token);
    expect((await refresh(ann.refreshToken)).status).to.equal(401);
    const again = await login(ann);
    const logout = { body: { refresh_token: again.body.refresh_token } };
    await app.call('/auth/logout', logout);
    await app.call('/auth/logout', logout);
    expect(await actionsOn(ann)).to.deep.equal([
      'registered',
      'refresh_reused',
      'signed_in',
      'signed_out',
    ]);
  });

  it('keeps nothing of what was typed or of who it was, and outlives the account', async () => {
    const ann = await person();
    await login({ ...ann, password: 'a wrong password' });
    await app.call('/auth/login', { body: { email: 'not@example.com', password: 'hunter22' } });
    await as(ann, 'DELETE', '/users/me');
    expect((await actionsOn(ann)).at(-1)).to.equal('account_deleted');
    const all = JSON.stringify(await app.rows('SELECT * FROM audit_log'));
    for (const secret of [ann.email, ann.username, 'wrong password', 'hunter22', 'not@example'])
      expect(all).to.not.include(secret);
    const [unknown] = await read('action=sign_in_refused');
    expect(unknown).to.deep.include({
      actor_id: null,
      subject_id: null,
      details: { code: 'invalid_credentials' },
    });
  });

  it('writes down so many refused logins and no more', async () => {
    const ann = await person();
    const wrong = () => login({ ...ann, password: 'a wrong password' });
    await Promise.all(Array.from({ length: 40 }, wrong));
    const refused = (await actionsOn(ann)).filter((action) => action === 'sign_in_refused');
    expect(refused.length).to.be.within(1, 20);
  });

  it('writes no entry for a change that was refused', async () => {
    const [before] = await read('limit=1');
    await as(root, 'PATCH', `/admin/users/${root.id}`, { is_active: false });
    await as(root, 'PATCH', `/admin/users/${root.id}`, { roles: ['nobody'] });
    await as(root, 'PATCH', `/admin/users/${root.id}`, { is_active: true });
    expect((await read('limit=1'))[0]).to.deep.equal(before);
  });

  it('is read in pages and by what one looks for', async () => {
    const ann = await person();
    await login(ann);
    const { headers } = await app.call('/admin/audit?limit=2', { token: root.token });
    const next = /<\/admin\/audit\?([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    const [first, second] = [await read('limit=2'), await read(next ?? '')];
    const ids = [...first, ...second].map(({ id }) => id);
    expect(ids).to.deep.equal([...new Set(ids)].sort((a, b) => b - a));
    const mine = await read(`actor_id=${ann.id}&action=signed_in`);
    expect(mine.map(({ action }) => action)).to.deep.equal(['signed_in']);
    const at = encodeURIComponent(mine[0]?.at ?? '');
    expect(await read(`until=${at}&since=${at}`)).to.deep.equal([]);
    expect(await read(`since=${at}&actor_id=${ann.id}`)).to.deep.equal(mine);
    const { status } = await app.call('/admin/audit?since=yesterday', { token: root.token });
    expect(status).to.equal(422);
  });

  it('names people as they are called now, and finds them by it in any spelling', async () => {
    const ann = await person();
    await as(root, 'PATCH', `/admin/users/${ann.id}`, { roles: ['user', 'admin'] });
    await as(ann, 'PATCH', '/users/me', { username: `${ann.username}y` });
    const name = `${ann.username}Y`.toUpperCase();
    const [own] = await read(`actor=${name}`);
    expect(own).to.deep.include({
      action: 'account_changed',
      actor: { id: ann.id, username: `${ann.username}y` },
      subject: { id: ann.id, username: `${ann.username}y` },
    });
    const email = encodeURIComponent(ann.email);
    const [granted, ...others] = await read(`actor=root&subject=${email}`);
    expect(granted?.action).to.equal('roles_changed');
    expect(granted?.actor).to.deep.equal({ id: root.id, username: 'root' });
    expect(others).to.deep.equal([]);
    expect(await read('actor=nobody-has-this-name')).to.deep.equal([]);
    expect(await read(`actor=root&actor_id=${ann.id}`)).to.deep.equal([]);
    expect(await read(`actor=root&actor_id=${root.id}&limit=1`)).to.have.length(1);
    await as(ann, 'DELETE', '/users/me');
    const [gone] = await read(`actor_id=${ann.id}&limit=1`);
    expect(gone).to.deep.include({ actor_id: ann.id, actor: null, subject: null });
  });

  it('cannot be changed, emptied or shortened, but for what is old', async () => {
    await person();
    const attempts = [
      `UPDATE audit_log SET action = 'signed_in'`,
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
    ];
    for (const sql of attempts) {
      const refused = await app.rows(sql).catch((error: Error) => error);
      expect(String(refused), sql).to.include('append-only');
    }
  });

  describe('is forgotten', () => {
    let sequelize: Sequelize;

    before(async () => {
      sequelize = createSequelize({ url: app.databaseUrl, poolMax: 2 });
      await app.rows(
        `INSERT INTO audit_log (at, action, actor_id)
         SELECT now() - interval '1 day' * days, 'signed_in', days FROM unnest(ARRAY[29, 40, 400]) days`,
      );
      await app.rows(
        `INSERT INTO audit_log (at, action, actor_id)
         SELECT now() - interval '2 years', 'signed_in', 730 FROM generate_series(1, 2500)`,
      );
    });
    after(() => sequelize.close());

    const ages = async () =>
      (
        await app.rows(
          'SELECT DISTINCT actor_id::int AS days FROM audit_log WHERE actor_id IN (29, 40, 400, 730)',
        )
      )
        .map(({ days }) => days)
        .sort((a, b) => a - b);
    const prune = (days: number) => {
      const logger = createLogger({ level: 'silent', pretty: false });
      const { audit } = createDatabase(sequelize);
      return new Retention(
        new Map([['audit log', (rows) => audit.prune(days, rows)]]),
        logger,
      ).run();
    };

    it('after the days that are set, however much it is', async () => {
      expect(await ages()).to.deep.equal([29, 40, 400, 730]);
      await prune(365);
      expect(await ages()).to.deep.equal([29, 40]);
    });

    it('never before thirty days', async () => {
      await prune(30);
      expect(await ages()).to.deep.equal([29]);
      await prune(1);
      expect(await ages()).to.deep.equal([29]);
    });
  });
});
