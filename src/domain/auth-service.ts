import { randomUUID } from 'node:crypto';
import type { LoginBody, RegisterBody, User } from '../contract/rest.js';
import type { NodeNotices } from '../ports/engine.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database, NewSession, Repositories } from '../ports/repositories.js';
import type { Principal, SessionRecord } from './entities.js';
import { AppError } from './errors.js';
import { permissionsOf } from './permissions.js';
import { judgeRefresh, requireActive, requireAlive } from './session-rules.js';
import type { AccessClaims, RefreshClaims } from './token-claims.js';
import type { SignedToken, TokenService } from './token-service.js';

/** Where a session was opened from. */
export interface Device {
  userAgent: string;
  ip: string;
}

export interface SignedIn {
  user: User;
  access: SignedToken;
  refresh: SignedToken;
}

export interface AuthenticatedUser extends Principal {
  user: User;
}

export interface AuthServiceDeps {
  db: Database;
  hasher: PasswordHasher;
  notices: NodeNotices;
  tokens: TokenService;
}

export interface SessionPolicy {
  accessTokenMs: number;
  refreshTokenMs: number;
}

const USER_AGENT_CHARS = 512;
const IP_CHARS = 64;

/** Accounts become sessions, sessions become tokens, and tokens principals. */
export class AuthService {
  #deps: AuthServiceDeps;
  #policy: SessionPolicy;
  #now: () => number;

  constructor(deps: AuthServiceDeps, policy: SessionPolicy, now: () => number = Date.now) {
    this.#deps = deps;
    this.#policy = policy;
    this.#now = now;
  }

  /** @throws AppError `email_taken`, `username_taken` */
  async register({ email, username, password }: RegisterBody, device: Device): Promise<SignedIn> {
    const passwordHash = await this.#deps.hasher.hash(password);
    return this.#deps.db.transaction(async (tx) => {
      const user = await tx.users.create({ email, username, passwordHash });
      return this.#open(tx, user, device);
    });
  }

  /** Takes as long for an unknown email as for a wrong password. @throws AppError `invalid_credentials`, `account_disabled` */
  async login({ email, password }: LoginBody, device: Device): Promise<SignedIn> {
    const { db, hasher } = this.#deps;
    const known = await db.users.findCredentials(email);
    const matches = await hasher.verify(password, known?.passwordHash ?? null);
    if (!known || !matches) throw new AppError('invalid_credentials');
    return this.#open(db, requireActive(known.user), device);
  }

  /**
   * Turns the session on, or gives the same successor again when that was lost. A refresh token that was used
   * up revokes its session. @throws AppError `refresh_reused`, `session_revoked`, `token_expired`, `token_invalid`, `account_disabled`
   */
  async refresh(token: string): Promise<SignedIn> {
    const { db, notices, tokens } = this.#deps;
    const claims = tokens.verifyRefresh(token);
    const { sessionId } = claims;
    const signedIn = await db.transaction((tx) => this.#exchange(tx, claims));
    if (!signedIn) {
      await this.#announceEnd([sessionId], 'refresh_reused');
      throw new AppError('refresh_reused');
    }
    const { expiresAt } = signedIn.access;
    await notices.send({ type: 'session_extended', sessionId, expiresAt });
    return signedIn;
  }

  /** Any refresh token of the session ends it, an expired one too; a session that has ended stays so. @throws AppError `token_invalid` */
  async logout(token: string): Promise<void> {
    const { sessionId } = this.#deps.tokens.verifyRefresh(token, true);
    await this.#deps.db.sessions.revoke(sessionId);
    await this.#announceEnd([sessionId], 'session_revoked');
  }

  /** What the token claims, signature and time checked; whether its session lives, `admit` says. */
  verify(accessToken: string): AccessClaims {
    return this.#deps.tokens.verifyAccess(accessToken);
  }

  /** @throws AppError `session_revoked`, `account_disabled` */
  async admit(claims: AccessClaims): Promise<AuthenticatedUser> {
    const { db } = this.#deps;
    const { sessionId, expiresAt } = claims;
    const { session, user, permissions } = await this.#alive(sessionId);
    if (claims.userId !== user.id || claims.gen > session.gen) throw new AppError('token_invalid');
    if (claims.gen > session.seenGen) await db.sessions.markSeen(sessionId, claims.gen);
    const { id: userId, username, roles } = user;
    return { userId, username, roles, permissions, sessionId, expiresAt, user };
  }

  /** @throws AppError `token_expired`, `token_invalid`, `session_revoked`, `account_disabled` */
  async authenticate(accessToken: string): Promise<AuthenticatedUser> {
    return this.admit(this.verify(accessToken));
  }

  /** End of the access token that the session gave out last, in ms since the epoch. @throws like `admit` */
  async sessionExpiry(sessionId: string): Promise<number> {
    const { session } = await this.#alive(sessionId);
    const given = Math.max(session.rotatedAt.getTime(), session.lastUsedAt.getTime());
    return Math.floor(given / 1000) * 1000 + this.#policy.accessTokenMs;
  }

  /** Those of the sessions that may still be used. */
  alive(sessionIds: string[]): Promise<string[]> {
    return this.#deps.db.sessions.alive(sessionIds);
  }

  async #alive(sessionId: string) {
    const found = await this.#deps.db.sessions.findWithUser(sessionId);
    const session = requireAlive(found?.session ?? null, this.#now());
    const user = requireActive(found?.user ?? null);
    return { session, user, permissions: permissionsOf(user.roles, found?.permissions ?? []) };
  }

  async #open(repositories: Repositories, user: User, device: Device): Promise<SignedIn> {
    const session: NewSession = {
      id: randomUUID(),
      userId: user.id,
      userAgent: device.userAgent.slice(0, USER_AGENT_CHARS),
      ip: device.ip.slice(0, IP_CHARS),
      ...this.#period(),
    };
    return this.#sign(user, await repositories.sessions.create(session));
  }

  /** Null when the token was used up: its session is then revoked, which must be committed. */
  async #exchange(tx: Repositories, claims: RefreshClaims): Promise<SignedIn | null> {
    const now = this.#now();
    const session = requireAlive(await tx.sessions.findForUpdate(claims.sessionId), now);
    const verdict = judgeRefresh(session, claims.gen, now);
    if (verdict === 'reuse') {
      await tx.sessions.revoke(session.id);
      return null;
    }
    if (verdict === 'turn' && !this.#deps.tokens.isCurrent(claims, session)) {
      throw new AppError('token_invalid');
    }
    const user = requireActive(await tx.users.find(session.userId));
    const next = verdict === 'turn' ? this.#turn(tx, session) : this.#repeat(tx, session);
    return this.#sign(user, await next);
  }

  /** The next generation. That of the token just shown has been seen. */
  async #turn(tx: Repositories, session: SessionRecord): Promise<SessionRecord> {
    const turn = { gen: session.gen + 1, seenGen: session.gen, ...this.#period() };
    await tx.sessions.rotate(session.id, turn);
    return { ...session, ...turn };
  }

  async #repeat(tx: Repositories, session: SessionRecord): Promise<SessionRecord> {
    await tx.sessions.touch(session.id, new Date(this.#now()));
    return session;
  }

  #period(): { rotatedAt: Date; expiresAt: Date } {
    const now = this.#now();
    return { rotatedAt: new Date(now), expiresAt: new Date(now + this.#policy.refreshTokenMs) };
  }

  #sign(user: User, session: SessionRecord): SignedIn {
    const { tokens } = this.#deps;
    return {
      user,
      access: tokens.signAccess(user, session),
      refresh: tokens.signRefresh(session),
    };
  }

  #announceEnd(sessionIds: string[], code: 'session_revoked' | 'refresh_reused'): Promise<void> {
    return this.#deps.notices.send({ type: 'session_ended', sessionIds, code });
  }
}
