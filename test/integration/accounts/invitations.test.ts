import { createHash } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { newcomer } from '../../../lab/people/newcomer.js';
import { createClient } from '../../../lab/stores/client.js';
import { lockWaits } from '../../../lab/stores/held-user.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import type { AuditEntry } from '../../../src/contract/audit.js';
import type { Problem } from '../../../src/contract/errors.js';
import type {
  Invitation,
  InvitationBody,
  InvitationPreview,
  NewInvitation,
} from '../../../src/contract/invitations.js';
import { LIMITS } from '../../../src/contract/limits.js';

/** As many as the node has connections: none waits for one. */
const AT_ONCE = 6;
const HOUR_MS = 3_600_000;

describe('An invitation', () => {
  let app: TestApp;
  let root: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({ REGISTRATION: 'invite', LIMIT_SCALE: '0' });
    root = await account('root', ['user', 'admin']);
  });
  after(() => app.stop());

  /** Somebody with these roles, who came by an invitation of the operator's. */
  async function account(name: string, roles: string[]): Promise<Account> {
    const [{ id } = { id: 0 }] = await app.rows<{ id: number }>(
      `INSERT INTO users (email, username, password_hash) VALUES ($1, $2, $3) RETURNING id::int`,
      [`${name}@example.com`, name, bcrypt.hashSync('SecurePass123!', 4)],
    );
    await app.rows(
      'INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = ANY($2)',
      [id, roles],
    );
    const given = { email: `${name}@example.com`, username: name, password: 'SecurePass123!' };
    const { body } = await app.call<TokenResponse>('/auth/login', { body: given });
    const token = body.access_token ?? '';
    return { ...given, id, token, refreshToken: body.refresh_token ?? '' };
  }

  const invite = async (body: InvitationBody = {}, by = root) =>
    app.call<Omit<NewInvitation, 'status'> & Problem>('/admin/invitations', {
      token: by.token,
      body,
    });
  const listed = async () =>
    (await app.call<Invitation[]>('/admin/invitations', { token: root.token })).body;
  const revoke = (id: number, by = root) =>
    app.call(`/admin/invitations/${id}`, { method: 'DELETE', token: by.token });
  const register = (invitation: string, more: { email?: string } = {}) => {
    serial += 1;
    const body = newcomer(`guest${serial}`, { invitation, ...more });
    return app.call<TokenResponse & Problem>('/auth/register', { body });
  };
  const preview = (invitation: string) =>
    app.call<InvitationPreview & Problem>('/auth/invitation', { body: { invitation } });
  /** The reason why an invitation is refused, by the page's question and by the registration alike. */
  const refusal = async (token: string) => {
    const both = [await preview(token), await register(token)];
    const [one, other] = both.map(({ body }) => `${body.code} ${body.reason}`);
    expect(one).to.equal(other);
    return one;
  };
  const expire = (id: number) =>
    app.rows(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);

  it('is made with a token that is shown once, and kept as a hash only', async () => {
    const { status, body } = await invite();
    expect(status).to.equal(201);
    expect(body.token).to.match(/^[\w-]{43}$/);
    expect(body.url).to.equal(`${app.url}/#/invitation/${body.token}`);
    const [stored] = await app.rows('SELECT * FROM invitations WHERE id = $1', [body.id]);
    expect(stored?.token_hash).to.equal(createHash('sha256').update(body.token).digest('hex'));
    expect(JSON.stringify([stored, await listed()])).to.not.include(body.token);
  });

  it('lasts a week, or as long as was asked', async () => {
    const lasts = async (body: InvitationBody) => {
      const { created_at, expires_at } = (await invite(body)).body;
      return (Date.parse(expires_at) - Date.parse(created_at)) / HOUR_MS;
    };
    expect(await lasts({})).to.equal(LIMITS.invitationHoursDefault);
    expect(await lasts({ expires_in_hours: 1.5 })).to.equal(1.5);
    expect(await lasts({ expires_in_hours: LIMITS.invitationHours })).to.equal(720);
  });

  it('is not made with wrong values, or for a role that does not exist', async () => {
    const wrong: [object, string][] = [
      [{ expires_in_hours: 721 }, 'expires_in_hours'],
      [{ expires_in_hours: 0 }, 'expires_in_hours'],
      [{ expires_in_hours: '5' }, 'expires_in_hours'],
      [{ email: 'nobody' }, 'email'],
      [{ role: '' }, 'role'],
      [{ role: 'nothing' }, 'role'],
    ];
    for (const [body, path] of wrong) {
      const answer = await invite(body as InvitationBody);
      expect(answer.status, path).to.equal(422);
      expect(answer.body.errors?.map((each) => each.path)).to.deep.equal([path]);
    }
  });

  it('makes its user an account with the role, once', async () => {
    const { body } = await invite({ role: 'admin' });
    expect((await preview(body.token)).body).to.deep.equal({
      email: null,
      expires_at: body.expires_at,
    });
    const joined = await register(body.token);
    expect([joined.status, joined.body.user.roles]).to.deep.equal([201, ['user', 'admin']]);
    expect(await refusal(body.token)).to.equal('forbidden invitation_used');
    const used = (await listed()).find(({ id }) => id === body.id);
    const { id, username } = joined.body.user;
    expect([used?.status, used?.used_by]).to.deep.equal(['used', { id, username }]);
  });

  it('is for its address only, in any spelling, and forgets it when it is used', async () => {
    const { body } = await invite({ email: 'Bob@Example.com' });
    expect((await preview(body.token)).body.email).to.equal('Bob@Example.com');
    const other = await register(body.token);
    expect([other.body.code, other.body.reason]).to.deep.equal([
      'forbidden',
      'invitation_other_email',
    ]);
    expect((await register(body.token, { email: 'bob@example.com' })).status).to.equal(201);
    expect((await listed()).find(({ id }) => id === body.id)?.email).to.equal(null);
  });

  it('is refused with its reason when it is unknown, withdrawn, or has expired', async () => {
    const [gone, old] = [(await invite()).body, (await invite()).body];
    expect((await revoke(gone.id)).status).to.equal(200);
    await expire(old.id);
    expect(await refusal('never-made')).to.equal('forbidden invitation_unknown');
    expect(await refusal(gone.token)).to.equal('forbidden invitation_unknown');
    expect(await refusal(old.token)).to.equal('forbidden invitation_expired');
    expect((await listed()).find(({ id }) => id === old.id)?.status).to.equal('expired');
  });

  it('stays open when its registration fails', async () => {
    const { body } = await invite();
    const taken = await register(body.token, { email: root.email });
    expect(taken.body.code).to.equal('email_taken');
    expect((await register(body.token)).status).to.equal(201);
  });

  it('is worth no more than who made it: disabled, without the right, or below the role', async () => {
    const ways = [
      'UPDATE users SET is_active = false WHERE id = $1',
      'DELETE FROM user_roles WHERE user_id = $1',
      'UPDATE users SET deleted_at = now() WHERE id = $1',
    ];
    for (const [i, sql] of ways.entries()) {
      const inviter = await account(`inviter${i}`, ['user', 'admin']);
      const { body } = await invite({}, inviter);
      await app.rows(sql, [inviter.id]);
      const { body: refused } = await register(body.token);
      expect([refused.code, refused.reason]).to.deep.equal(['forbidden', 'invitation_unknown']);
    }
    await app.rows(
      `INSERT INTO roles (name, permissions) VALUES ('greeter', '{users:read,users:write}')`,
    );
    const greeter = await account('greeter', ['greeter']);
    expect((await invite({ role: 'admin' }, greeter)).body.code).to.equal('forbidden');
    const admins = (await invite({ role: 'admin' })).body;
    expect((await revoke(admins.id, greeter)).body.code).to.equal('forbidden');
    expect((await register((await invite({}, greeter)).body.token)).status).to.equal(201);
  });

  it('is worth nothing when its role was deleted, and can still be withdrawn', async () => {
    await app.rows(`INSERT INTO roles (name, permissions) VALUES ('passing', '{}')`);
    const { body } = await invite({ role: 'passing' });
    await app.rows(`DELETE FROM roles WHERE name = 'passing'`);
    expect((await register(body.token)).body.reason).to.equal('invitation_unknown');
    expect((await revoke(body.id)).status).to.equal(200);
  });

  it('is not used by who waited while its maker was disabled', async () => {
    const inviter = await account('late', ['user', 'admin']);
    const { body } = await invite({}, inviter);
    const other = createClient(app.databaseUrl);
    await other.connect();
    await other.query('BEGIN');
    await other.query('UPDATE users SET is_active = false WHERE id = $1', [inviter.id]);
    const waiting = register(body.token);
    await lockWaits(app, 1);
    await other.query('COMMIT');
    await other.end();
    expect((await waiting).body.reason).to.equal('invitation_unknown');
  });

  it('is one account, whoever uses it at the same time', async () => {
    const { body } = await invite();
    const all = await Promise.all(Array.from({ length: AT_ONCE }, () => register(body.token)));
    const statuses = all.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([201, ...Array(AT_ONCE - 1).fill(403)]);
    for (const { body: refused } of all.filter(({ status }) => status === 403)) {
      expect(refused.reason).to.equal('invitation_used');
    }
  });

  it('is withdrawn once, and not when it has been used', async () => {
    const [open, used] = [(await invite()).body, (await invite()).body];
    await register(used.token);
    expect((await revoke(used.id)).body.code).to.equal('conflict');
    expect((await revoke(open.id)).status).to.equal(200);
    expect((await revoke(open.id)).body.code).to.equal('not_found');
  });

  it('is in the audit log with who made, withdrew and used it, and without its token', async () => {
    const [one, two] = [(await invite()).body, (await invite()).body];
    await revoke(one.id);
    const joined = (await register(two.token)).body.user;
    const { body: log } = await app.call<AuditEntry[]>('/admin/audit', { token: root.token });
    const told = log.slice(0, 4).map(({ action, actor_id, subject_id, details }) => ({
      action,
      actor_id,
      subject_id,
      id: details.invitation,
    }));
    const by = { actor_id: root.id, subject_id: null };
    expect(told).to.deep.equal([
      { action: 'registered', actor_id: joined.id, subject_id: joined.id, id: two.id },
      { action: 'invitation_revoked', ...by, id: one.id },
      { action: 'invitation_created', ...by, id: two.id },
      { action: 'invitation_created', ...by, id: one.id },
    ]);
    expect(JSON.stringify(log)).to.not.include(two.token);
  });

  it('is one of a bounded number', async () => {
    await app.rows('DELETE FROM invitations');
    await app.rows(
      `INSERT INTO invitations (token_hash, role, created_by, expires_at)
       SELECT encode(sha256(n::text::bytea), 'hex'), 'user', $1, now() + interval '1 hour'
       FROM generate_series(1, $2) n`,
      [root.id, LIMITS.invitations],
    );
    expect((await invite()).body.code).to.equal('conflict');
    await app.rows(
      'UPDATE invitations SET used_at = now() WHERE id = (SELECT min(id) FROM invitations)',
    );
    expect((await invite()).status).to.equal(201);
    const page = await app.call<Invitation[]>('/admin/invitations?limit=100', {
      token: root.token,
    });
    expect(page.body).to.have.length(100);
    expect(page.headers.get('link')).to.match(/<\/admin\/invitations\?.*cursor=/);
    await app.rows('DELETE FROM invitations');
  });

  it('is of no use to who may not make one', async () => {
    const guest = await account('plain', ['user']);
    const { body } = await invite();
    const calls = [
      await invite({}, guest),
      await revoke(body.id, guest),
      await app.call('/admin/invitations', { token: guest.token }),
    ];
    expect(calls.map((each) => each.body.code)).to.deep.equal(Array(3).fill('forbidden'));
  });
});
