import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createPasswordHasher } from '../../../src/adapters/bcrypt/password-hasher.js';
import { createMemoryEngine } from '../../../src/adapters/memory/engine.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { RefusedLogins } from '../../../src/domain/accounts/refused-logins.js';
import { Registration } from '../../../src/domain/accounts/registration.js';
import { UserService } from '../../../src/domain/accounts/user-service.js';
import { Retention } from '../../../src/domain/retention.js';
import { AuthService, type LoggedIn } from '../../../src/domain/sessions/auth-service.js';
import { TokenService } from '../../../src/domain/sessions/token-service.js';
import { AppError } from '../../../src/entities/errors.js';
import { createLogger } from '../../../src/node/logger.js';
import type { NodeNotice } from '../../../src/ports/node-notices.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const SETTINGS = {
  secretKeys: ['access-secret-of-at-least-32-bytes!!'],
  refreshSecretKeys: ['refresh-secret-of-at-least-32-bytes!'],
  issuer: 'parley',
  audience: 'parley',
  accessTokenMs: 900_000,
  refreshTokenMs: 604_800_000,
  sessionMaxMs: 7_776_000_000,
};
const DEVICE = { userAgent: 'test', ip: '127.0.0.1' };
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

async function codeOf(work: Promise<unknown>): Promise<string> {
  const [result] = await Promise.allSettled([work]);
  if (result?.status === 'fulfilled') return 'none';
  return result?.reason instanceof AppError ? result.reason.code : String(result?.reason);
}

describe('sessions', () => {
  const hasher = createPasswordHasher({ cost: 4 });
  const engine = createMemoryEngine();
  const notices: NodeNotice[] = [];
  let place: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let auth: AuthService;
  let refusals: RefusedLogins;
  let registration: Registration;
  let now: number;
  /** How far the clock advances with every reading. */
  let step: number;
  let people = 0;

  before(async () => {
    place = await createTestDatabase();
    sequelize = createSequelize({ url: place.url, poolMax: 5 });
    db = createDatabase(sequelize);
    const clock = () => {
      now += step;
      return now;
    };
    const tokens = new TokenService(SETTINGS, clock);
    refusals = new RefusedLogins(db.audit, engine.limiter);
    const { notices: told } = engine;
    registration = new Registration(db, 'open');
    const deps = { db, hasher, notices: told, tokens, refusals, registration };
    auth = new AuthService(deps, SETTINGS, clock);
    engine.notices.onNotice((notice) => notices.push(notice));
  });
  beforeEach(() => {
    now = Date.now();
    step = 0;
    notices.length = 0;
  });
  after(async () => {
    await engine.stop();
    await hasher.stop();
    await sequelize.close();
    await place.drop();
  });

  const signUp = (): Promise<LoggedIn> => {
    people += 1;
    const body = { email: `p${people}@example.com`, username: `person${people}` };
    return auth.register({ ...body, password: 'SecurePass123!' }, DEVICE);
  };
  const refreshAt = async (service: AuthService, from: LoggedIn) =>
    service.refresh(service.readRefresh(from.refresh.token), DEVICE);
  const refresh = (from: LoggedIn) => refreshAt(auth, from);
  const use = (from: LoggedIn) => auth.authenticate(from.access.token);

  it('give a new pair at every turn, and the old access token lives its time', async () => {
    const first = await signUp();
    const second = await refresh(first);
    expect(second.refresh.token).to.not.equal(first.refresh.token);
    expect((await use(second)).user).to.deep.equal(first.user);
    expect((await use(first)).userId).to.equal(first.user.id);
    now += SETTINGS.accessTokenMs;
    expect(await codeOf(use(first))).to.equal('token_expired');
  });

  it('tell all nodes until when they were extended', async () => {
    const first = await signUp();
    now += HOUR;
    const { access } = await refresh(first);
    const { sessionId } = await use({ ...first, access });
    const extended = { type: 'session_extended', sessionId, expiresAt: access.expiresAt };
    expect(notices).to.deep.equal([extended]);
    expect(await auth.sessionExpiry(sessionId)).to.equal(access.expiresAt);
  });

  it('turn once for refreshes that come at the same time, and all get the same successor', async () => {
    const first = await signUp();
    step = 1;
    const all = await Promise.all(Array.from({ length: 8 }, () => refresh(first)));
    expect(new Set(all.map(({ refresh: { token } }) => token)).size).to.equal(1);
    const next = await refresh(all[0] ?? first);
    expect(next.refresh.token).to.not.equal(all[0]?.refresh.token);
  });

  it('take the previous token again within ten seconds, though the successor was shown', async () => {
    const first = await signUp();
    const second = await refresh(first);
    await use(second);
    now += 10 * SECOND;
    expect((await refresh(first)).refresh.token).to.equal(second.refresh.token);
  });

  it('take the previous token again at any time while nobody has shown the successor', async () => {
    const first = await signUp();
    const lost = await refresh(first);
    now += 24 * HOUR;
    const again = await refresh(first);
    expect(again.refresh.token).to.equal(lost.refresh.token);
    expect((await use(again)).expiresAt).to.be.greaterThan(now);
    expect(await auth.sessionExpiry((await use(again)).sessionId)).to.equal(again.access.expiresAt);
  });

  for (const [name, show] of [
    ['its access token', use],
    ['its refresh token', refresh],
  ] as const) {
    it(`end everywhere when the previous token comes after the successor has shown ${name}`, async () => {
      const first = await signUp();
      const second = await refresh(first);
      const { sessionId } = await use(first);
      await show(second);
      now += 11 * SECOND;
      expect(await codeOf(refresh(first))).to.equal('refresh_reused');
      expect(notices.at(-1)).to.deep.equal({
        type: 'session_ended',
        sessionIds: [sessionId],
        code: 'refresh_reused',
      });
      expect(await codeOf(use(second))).to.equal('session_revoked');
      expect(await codeOf(refresh(second))).to.equal('session_revoked');
      expect((await auth.standing([sessionId])).get(sessionId)).to.include({
        ended: 'session_revoked',
      });
    });
  }

  it('end when an older token than the previous one comes, even at once', async () => {
    const first = await signUp();
    await refresh(await refresh(first));
    expect(await codeOf(refresh(first))).to.equal('refresh_reused');
    expect(await codeOf(use(first))).to.equal('session_revoked');
  });

  describe('whose turn the database has lost in a failover', () => {
    /** The row as it was before the last rotation. */
    const rowOf = async (from: LoggedIn) => {
      const { sessionId } = await use(from);
      const before = `SELECT gen, seen_gen, rotated_at, expires_at FROM sessions WHERE id = $1`;
      const [[row]] = (await sequelize.query(before, { bind: [sessionId] })) as unknown as [
        { gen: number; seen_gen: number; rotated_at: Date; expires_at: Date }[],
      ];
      if (!row) throw new Error('no session');
      const back = `UPDATE sessions SET gen = $2, seen_gen = $3, rotated_at = $4, expires_at = $5 WHERE id = $1`;
      const bind = [sessionId, row.gen, row.seen_gen, row.rotated_at, row.expires_at];
      return () => sequelize.query(back, { bind });
    };

    it('go on from the later tokens, and know an older one for stolen', async () => {
      const first = await signUp();
      const putBack = await rowOf(first);
      now += HOUR;
      const second = await refresh(await refresh(first));
      await putBack();
      expect(await codeOf(use(second))).to.equal('none');
      const third = await refresh(second);
      expect(await codeOf(use(third))).to.equal('none');
      expect((await refresh(second)).refresh.token).to.equal(third.refresh.token);
      expect(await codeOf(refresh(first))).to.equal('refresh_reused');
    });

    it('go on from both tokens of one number, when another tab was quicker with the one before', async () => {
      const first = await signUp();
      const putBack = await rowOf(first);
      now += SECOND;
      const lost = await refresh(first);
      await putBack();
      now += SECOND;
      const again = await refresh(first);
      expect(again.refresh.token).to.not.equal(lost.refresh.token);
      const next = await refresh(lost);
      expect((await refresh(again)).refresh.token).to.equal(next.refresh.token);
    });
  });

  it('are not ended by the old access token being shown after a turn', async () => {
    const first = await signUp();
    await refresh(first);
    await use(first);
    now += HOUR;
    expect(await codeOf(refresh(first))).to.equal('none');
  });

  it('end with logout, whatever token of theirs it is told, and stay ended', async () => {
    const first = await signUp();
    const second = await refresh(first);
    expect(await codeOf(auth.logout(first.refresh.token, DEVICE))).to.equal('none');
    expect(await codeOf(use(second))).to.equal('session_revoked');
    expect(await codeOf(refresh(second))).to.equal('session_revoked');
    now += 2 * SETTINGS.refreshTokenMs;
    expect(await codeOf(auth.logout(second.refresh.token, DEVICE))).to.equal('none');
    expect(await codeOf(auth.logout('garbage', DEVICE))).to.equal('token_invalid');
    expect(await codeOf(auth.logout(second.access.token, DEVICE))).to.equal('token_invalid');
  });

  it('leave the user’s other sessions alone', async () => {
    const phone = await signUp();
    const laptop = await auth.login(
      { email: phone.user.email.toUpperCase(), password: 'SecurePass123!' },
      DEVICE,
    );
    const ids = [(await use(phone)).sessionId, (await use(laptop)).sessionId];
    await auth.logout(phone.refresh.token, DEVICE);
    const standing = await auth.standing(ids);
    expect(ids.map((id) => standing.get(id)?.ended)).to.deep.equal(['session_revoked', null]);
    expect((await use(laptop)).userId).to.equal(phone.user.id);
  });

  it('do not live beyond their end, nor a disabled user', async () => {
    const user = await signUp();
    await sequelize.query('UPDATE users SET is_active = false WHERE id = $1', {
      bind: [user.user.id],
    });
    expect(await codeOf(use(user))).to.equal('account_disabled');
    expect(await codeOf(refresh(user))).to.equal('account_disabled');
    const login = { email: user.user.email, password: 'SecurePass123!' };
    expect(await codeOf(auth.login(login, DEVICE))).to.equal('account_disabled');
    expect(await codeOf(auth.login({ ...login, password: 'wrong' }, DEVICE))).to.equal(
      'invalid_credentials',
    );
    const late = await signUp();
    now += SETTINGS.refreshTokenMs;
    expect(await codeOf(refresh(late))).to.equal('token_expired');
  });

  describe('refreshed again and again', () => {
    const DAY = 24 * HOUR;

    /** Refreshes every six days until `days` after its beginning. */
    const keepFresh = async (from: LoggedIn, days: number): Promise<LoggedIn> => {
      let last = from;
      for (const began = now; now < began + days * DAY; ) {
        now = Math.min(now + 6 * DAY, began + days * DAY);
        last = await refresh(last);
      }
      return last;
    };

    it('end 90 days after their beginning, and no token says otherwise', async () => {
      const first = await signUp();
      const end = now + SETTINGS.sessionMaxMs;
      const last = await keepFresh(first, 89.999);
      expect(last.refresh.expiresAt).to.be.within(end - 5 * SECOND, end + 5 * SECOND);
      expect(last.access.expiresAt).to.equal(last.refresh.expiresAt);
      const { sessionId } = await use(last);
      expect(await auth.sessionExpiry(sessionId)).to.equal(last.access.expiresAt);
      now = end + 10 * SECOND;
      expect(await codeOf(use(last))).to.equal('token_expired');
      expect(await codeOf(refresh(last))).to.equal('session_revoked');
    });

    it('end for whoever shows a token that would live longer, since the setting was another', async () => {
      const first = await signUp();
      const tokens = new TokenService(SETTINGS, () => now);
      const policy = { ...SETTINGS, sessionMaxMs: 2 * DAY };
      const strict = new AuthService(
        { db, hasher, notices: engine.notices, tokens, refusals, registration },
        policy,
        () => now,
      );
      now += DAY;
      const second = await refreshAt(strict, first);
      expect(second.refresh.expiresAt).to.be.below(now + DAY + 5 * SECOND);
      const other = await signUp();
      now += 2 * DAY + 5 * SECOND;
      expect(await codeOf(refreshAt(strict, other))).to.equal('session_revoked');
    });
  });

  describe('opened while the password', () => {
    /** An `auth` that finds another row in the database after it has verified a password. */
    const whileVerifying = (change: () => Promise<unknown>) => {
      let checks = 0;
      const verify = async (password: string, hash: string | null) => {
        checks += 1;
        const matches = await hasher.verify(password, hash);
        if (checks === 1) await change();
        return matches;
      };
      const tokens = new TokenService(SETTINGS);
      const parts = { db, notices: engine.notices, tokens, refusals, registration };
      const deps = { ...parts, hasher: { ...hasher, verify } };
      return new AuthService(deps, SETTINGS);
    };
    const whileChanging = (userId: number, next: string) =>
      whileVerifying(async () => {
        await db.users.update(userId, { passwordHash: await hasher.hash(next) });
      });

    it('is changed, are refused', async () => {
      const { user } = await signUp();
      const late = whileChanging(user.id, 'Another one 2');
      const login = { email: user.email, password: 'SecurePass123!' };
      expect(await codeOf(late.login(login, DEVICE))).to.equal('invalid_credentials');
      const next = { ...login, password: 'Another one 2' };
      expect(await codeOf(auth.login(next, DEVICE))).to.equal('none');
    });

    it('gets another hash but stays the same, are good', async () => {
      const { user } = await signUp();
      const password = 'SecurePass123!';
      const late = whileChanging(user.id, password);
      expect(await codeOf(late.login({ email: user.email, password }, DEVICE))).to.equal('none');
    });

    it('is verified, are refused if the account is deleted meanwhile', async () => {
      const { user, access } = await signUp();
      const { sessionId } = await auth.authenticate(access.token);
      const users = new UserService({ db, notices: engine.notices, erasure: { kick() {} } });
      const actor = { userId: user.id, sessionId, permissions: new Set<never>(), ...DEVICE };
      const late = whileVerifying(() => users.delete(actor));
      const login = { email: user.email, password: 'SecurePass123!' };
      expect(await codeOf(late.login(login, DEVICE))).to.equal('invalid_credentials');
    });
  });

  it('are asked for together when many show their tokens at once, each with its own outcome', async () => {
    const [first, revoked, disabled] = [await signUp(), await signUp(), await signUp()];
    await auth.logout(revoked.refresh.token, DEVICE);
    await sequelize.query('UPDATE users SET is_active = false WHERE id = $1', {
      bind: [disabled.user.id],
    });
    const found = db.sessions.findWithUsers;
    const asked: number[] = [];
    const sessions: typeof db.sessions = {
      ...db.sessions,
      findWithUsers(ids) {
        asked.push(ids.length);
        return found(ids);
      },
    };
    const tokens = new TokenService(SETTINGS);
    const parts = { hasher, notices: engine.notices, tokens, refusals, registration };
    const deps = { ...parts, db: { ...db, sessions } };
    const asking = new AuthService(deps, SETTINGS);
    const all = [first, first, revoked, disabled, first];
    const codes = all.map(({ access }) => codeOf(asking.authenticate(access.token)));
    expect(await Promise.all(codes)).to.deep.equal([
      ...['none', 'none', 'session_revoked', 'account_disabled', 'none'],
    ]);
    expect(asked).to.deep.equal([1, 3]);
  });

  it('end with the account, and its conversations go with it', async () => {
    const { user, access } = await signUp();
    const { sessionId } = await auth.authenticate(access.token);
    const conversation = await db.conversations.create(user.id, { title: 'mine' });
    const turn = await db.messages.createTurn({
      conversationId: conversation.id,
      parentId: null,
      authorId: user.id,
      content: 'hello',
      clientId: null,
      askedModel: null,
      model: 'a-model',
      title: null,
    });
    const erasure = { kick() {} };
    await new UserService({ db, notices: engine.notices, erasure }).delete({
      ...{ userId: user.id, sessionId, permissions: new Set() },
      ...DEVICE,
    });
    expect(await codeOf(auth.authenticate(access.token))).to.equal('session_revoked');
    expect(await db.messages.get(turn.answer.id)).to.include({ status: 'stopped' });
    expect(notices.at(-1)).to.include({ type: 'session_ended' });
    expect(notices.at(-1)).to.deep.include({ sessionIds: [sessionId] });
  });

  it('are forgotten when a later login finds that they ran out', async () => {
    const { user, access } = await signUp();
    const old = await auth.authenticate(access.token);
    await sequelize.query(`UPDATE sessions SET expires_at = now() - interval '1 second'`);
    await auth.login({ email: user.email, password: 'SecurePass123!' }, DEVICE);
    expect(await db.sessions.findWithUsers([old.sessionId])).to.deep.equal([]);
  });

  it('are forgotten once they ran out, however many there are, and no others', async () => {
    const { user, access } = await signUp();
    await sequelize.query(
      `INSERT INTO sessions (id, user_id, expires_at, revoked_at)
       SELECT gen_random_uuid(), $1::bigint, now() - interval '1 second', NULL::timestamptz FROM generate_series(1, 1500)
       UNION ALL SELECT gen_random_uuid(), $1::bigint, now() + interval '1 hour', now()`,
      { bind: [user.id] },
    );
    const logger = createLogger({ level: 'silent', pretty: false });
    await new Retention(new Map([['sessions', (rows) => db.sessions.prune(rows)]]), logger).run();
    const [left] = await sequelize.query('SELECT id FROM sessions WHERE user_id = $1', {
      bind: [user.id],
    });
    expect(left).to.have.length(2);
    expect((await auth.authenticate(access.token)).userId).to.equal(user.id);
  });

  it('open for one of two who register the same name at once', async () => {
    const body = (email: string, username: string) => ({
      email,
      username,
      password: 'x'.repeat(9),
    });
    const codes = await Promise.all([
      codeOf(auth.register(body('twin@example.com', 'twin-a'), DEVICE)),
      codeOf(auth.register(body('TWIN@example.com', 'twin-b'), DEVICE)),
      codeOf(auth.register(body('third@example.com', 'Person1'), DEVICE)),
    ]);
    expect(codes.slice(0, 2)).to.have.members(['none', 'email_taken']);
    expect(codes[2]).to.equal('username_taken');
  });
});
