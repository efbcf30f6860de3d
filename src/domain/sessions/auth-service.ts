import { randomUUID } from 'node:crypto';
import type { LoginBody, RegisterBody, User } from '../../contract/accounts.js';
import type { AuditAction } from '../../contract/audit.js';
import type { ErrorCode } from '../../contract/errors.js';
import { LIMITS } from '../../contract/limits.js';
import type { Device, Principal } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import { keyIdOf } from '../../entities/key-sessions.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { PasswordHasher } from '../../ports/password-hasher.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import type { ActiveSession } from '../../ports/repositories/session-repository.js';
import { holdVerified } from '../accounts/held-credentials.js';
import type { PasswordUpgrades } from '../accounts/password-upgrades.js';
import type { RefusedLogins } from '../accounts/refused-logins.js';
import type { Registration } from '../accounts/registration.js';
import { createGroupedLookup } from '../grouped.js';
import { record } from '../rights/actor.js';
import { permissionsOf } from '../rights/permissions.js';
import { endOf, type Standing, standingOf } from '../rights/session-standing.js';
import { type Rotated, type SessionPolicy, SessionRotation, storable } from './session-rotation.js';
import { requireActive, requireAlive } from './session-rules.js';
import type { AccessClaims, RefreshClaims } from './token-claims.js';
import type { SignedToken, TokenService } from './token-service.js';

export interface LoggedIn {
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
  /** Gets every password that proved right at a login. */
  upgrades?: Pick<PasswordUpgrades, 'consider'>;
  refusals: Pick<RefusedLogins, 'add'>;
  registration: Pick<Registration, 'check' | 'admit' | 'complete'>;
  /** Records that a key is used. */
  keys?: { used(keyId: string): Promise<void> };
}

interface Opened extends Rotated {
  /** Sessions that were revoked to make room for it. */
  ended: string[];
}

/** Sessions per statement, for requests and handshakes that arrive at the same time. */
const AT_ONCE = 500;

/** Logs users in, rotates sessions, and turns tokens into principals. */
export class AuthService {
  #deps: AuthServiceDeps;
  #policy: SessionPolicy;
  #rotation: SessionRotation;
  #now: () => number;
  #find: (sessionId: string) => Promise<ActiveSession | null>;
  #stands: (sessionId: string) => Promise<Standing | null>;

  constructor(deps: AuthServiceDeps, policy: SessionPolicy, now: () => number = Date.now) {
    this.#deps = deps;
    this.#policy = policy;
    this.#rotation = new SessionRotation(deps.tokens, policy, now);
    this.#now = now;
    this.#find = createGroupedLookup((ids) => this.#findAll(ids), AT_ONCE);
    this.#stands = createGroupedLookup((ids) => this.standing(ids), AT_ONCE);
  }

  /** @throws AppError `email_taken`, `username_taken`, `forbidden` if it is not open to this person */
  async register(body: RegisterBody, device: Device): Promise<LoggedIn> {
    const { registration, hasher, db } = this.#deps;
    const { email, username, password } = body;
    await registration.check(body);
    const passwordHash = await hasher.hash(password);
    const opened = await db.transaction(async (tx) => {
      const admitted = await registration.admit(tx, body);
      const created = await tx.users.create({ email, username, passwordHash });
      await registration.complete(tx, created.id, admitted);
      const user = { ...created, roles: [...admitted.roles] };
      return this.#open(tx, user, device, 'registered', admitted.details);
    });
    return this.#sign(opened);
  }

  /**
   * Takes equally long for an unknown email and a wrong password.
   * @throws AppError `invalid_credentials`, `account_disabled`
   */
  async login({ email, password }: LoginBody, device: Device): Promise<LoggedIn> {
    const { db, hasher } = this.#deps;
    const known = await db.users.findCredentials(email);
    const matches = await hasher.verify(password, known?.passwordHash ?? null);
    if (!known || !matches) {
      throw await this.#refused(known?.user.id ?? null, device, 'invalid_credentials');
    }
    if (!known.user.is_active) throw await this.#refused(known.user.id, device, 'account_disabled');
    // Without the transaction, a session could be opened after a change of the password, which would not revoke it.
    const opened = await db.transaction(async (tx) => {
      const user = await holdVerified(tx, hasher, known, password);
      return this.#open(tx, requireActive(user), device, 'signed_in');
    });
    this.#deps.upgrades?.consider(known, password);
    if (opened.ended.length > 0) await this.#announceEnd(opened.ended, 'session_revoked');
    return this.#sign(opened);
  }

  /**
   * Verifies the signature, and returns the claims. `refresh` judges their time and session.
   * @throws AppError `token_invalid`
   */
  readRefresh(refreshToken: string): RefreshClaims {
    return this.#deps.tokens.verifyRefresh(refreshToken, true);
  }

  /**
   * Rotates the session, or repeats the successor if it was lost. A refresh token that was used before revokes its
   * session.
   * @throws AppError `refresh_reused`, `session_revoked`, `token_expired`, `token_invalid`, `account_disabled`
   */
  async refresh(claims: RefreshClaims, device: Device): Promise<LoggedIn> {
    const { db, notices } = this.#deps;
    const { sessionId } = claims;
    const rotated = await db.transaction((tx) => this.#rotation.exchange(tx, claims, device));
    if (!rotated) {
      await this.#announceEnd([sessionId], 'refresh_reused');
      throw new AppError('refresh_reused');
    }
    const loggedIn = this.#sign(rotated);
    const { expiresAt } = loggedIn.access;
    await notices.send({ type: 'session_extended', sessionId, expiresAt });
    return loggedIn;
  }

  /** @see TokenService.newestOf */
  newestOf(refreshTokens: readonly string[]): string[] {
    return this.#deps.tokens.newestOf(refreshTokens);
  }

  /**
   * Ends the session of any of its refresh tokens, even an expired one. An ended session stays ended.
   * @throws AppError `token_invalid`
   */
  async logout(token: string, device: Device): Promise<void> {
    const { sessionId } = this.readRefresh(token);
    await this.#deps.db.transaction(async (tx) => {
      const session = await tx.sessions.findForUpdate(sessionId);
      if (!session || !(await tx.sessions.revoke(sessionId))) return;
      const { userId } = session;
      await record(tx.audit, { userId, sessionId, ...device }, 'signed_out', userId);
    });
    await this.#announceEnd([sessionId], 'session_revoked');
  }

  /** The claims of the token, with signature and time checked. `admit` checks whether its session is alive. */
  verify(accessToken: string): AccessClaims {
    return this.#deps.tokens.verifyAccess(accessToken);
  }

  /** @throws AppError `session_revoked`, `account_disabled` */
  async admit(claims: AccessClaims): Promise<AuthenticatedUser> {
    const { db } = this.#deps;
    const { sessionId, expiresAt } = claims;
    const { session, user, permissions } = await this.#alive(sessionId);
    if (claims.userId !== user.id) throw new AppError('token_invalid');
    // The token's `gen` is higher if the database has lost the rotation that issued it.
    const known = Math.min(claims.gen, session.gen);
    if (known > session.seenGen) await db.sessions.markSeen(sessionId, known);
    const { id: userId, username, roles } = user;
    return { userId, username, roles, permissions, sessionId, scopes: null, expiresAt, user };
  }

  /** @throws AppError `token_expired`, `token_invalid`, `session_revoked`, `account_disabled` */
  async authenticate(accessToken: string): Promise<AuthenticatedUser> {
    return this.admit(this.verify(accessToken));
  }

  /** Expiry of the access token that the session issued last, in ms since the epoch. @throws like `admit` */
  async sessionExpiry(sessionId: string): Promise<number> {
    const { session } = await this.#alive(sessionId);
    const given = Math.max(session.rotatedAt.getTime(), session.lastUsedAt.getTime());
    const end = wholeSeconds(given) + this.#policy.accessTokenMs;
    return Math.min(end, wholeSeconds(session.expiresAt.getTime()));
  }

  /** The current standing of sessions. */
  standing(sessionIds: readonly string[]): Promise<Map<string, Standing>> {
    return standingOf(this.#deps.db.sessions, sessionIds);
  }

  /** The same for one session that is used now. Calls at the same time become one statement. */
  async standingOf(sessionId: string): Promise<Standing> {
    const standing = (await this.#stands(sessionId)) ?? { ended: endOf(sessionId) };
    const key = standing.ended ? null : keyIdOf(sessionId);
    if (key !== null) await this.#deps.keys?.used(key);
    return standing;
  }

  async #findAll(sessionIds: readonly string[]): Promise<Map<string, ActiveSession>> {
    const found = await this.#deps.db.sessions.findWithUsers(sessionIds);
    return new Map(found.map((active) => [active.session.id, active]));
  }

  async #alive(sessionId: string) {
    const found = await this.#find(sessionId);
    // Disabling an account also ends the session; the user should learn of the former.
    const user = requireActive(found?.user ?? null);
    const session = requireAlive(found?.session ?? null, this.#now());
    return { session, user, permissions: permissionsOf(user.roles, found?.permissions ?? []) };
  }

  async #refused(userId: number | null, device: Device, code: ErrorCode): Promise<AppError> {
    await this.#deps.refusals.add(userId, device, code);
    return new AppError(code);
  }

  /** Revokes the least recently used sessions if there are too many. */
  async #open(
    tx: Repositories,
    user: User,
    device: Device,
    action: AuditAction,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<Opened> {
    const place = { id: randomUUID(), userId: user.id, ...storable(device) };
    const session = await tx.sessions.create({ ...place, ...this.#rotation.period() });
    const ended = await tx.sessions.revokeOldest(user.id, LIMITS.sessions);
    const actor = { userId: user.id, sessionId: session.id, ...device };
    await record(tx.audit, actor, action, user.id, {
      ...details,
      ...(ended.length > 0 && { ended: ended.length }),
    });
    return { user, session, ended };
  }

  #sign({ user, session }: Rotated): LoggedIn {
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

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
