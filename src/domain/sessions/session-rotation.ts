import type { User } from '../../contract/accounts.js';
import type { Device, SessionRecord } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import type { Repositories } from '../../ports/repositories/repositories.js';
import { record } from '../rights/actor.js';
import { judgeRefresh, type RefreshRules, type RefreshVerdict } from './session-rules.js';
import type { RefreshClaims } from './token-claims.js';
import type { TokenService } from './token-service.js';

export interface SessionPolicy {
  accessTokenMs: number;
  /** Lifetime of a session that is not refreshed. */
  refreshTokenMs: number;
  /** Lifetime of a session, however often it is refreshed. */
  sessionMaxMs: number;
}

export interface Rotated {
  user: User;
  session: SessionRecord;
}

const USER_AGENT_CHARS = 512;
const IP_CHARS = 64;

export const storable = ({ userAgent, ip }: Device): Device => ({
  userAgent: userAgent.slice(0, USER_AGENT_CHARS),
  ip: ip.slice(0, IP_CHARS),
});

/** How long sessions last, and what a refresh changes in their row. */
export class SessionRotation {
  #tokens: Pick<TokenService, 'isGenuine'>;
  #policy: SessionPolicy;
  #now: () => number;

  constructor(tokens: Pick<TokenService, 'isGenuine'>, policy: SessionPolicy, now: () => number) {
    this.#tokens = tokens;
    this.#policy = policy;
    this.#now = now;
  }

  /** The time from now until an unused session expires, which is never beyond its longest life. */
  period(openedAt?: Date): { rotatedAt: Date; expiresAt: Date } {
    const now = this.#now();
    const { refreshTokenMs, sessionMaxMs } = this.#policy;
    const last = (openedAt?.getTime() ?? now) + sessionMaxMs;
    const expiresAt = new Date(Math.min(now + refreshTokenMs, last));
    return { rotatedAt: new Date(now), expiresAt };
  }

  /**
   * Holds the row until the transaction ends. Null if the token was used before: its session is then revoked, which
   * must be committed.
   * @throws AppError `session_revoked`, `token_expired`, `token_invalid`, `account_disabled`
   */
  async exchange(tx: Repositories, claims: RefreshClaims, device: Device): Promise<Rotated | null> {
    const verdict = await this.#judge(tx, claims);
    if (verdict.do === 'refuse') throw new AppError(verdict.code);
    const { session } = verdict;
    if (verdict.do === 'reuse') {
      await this.#revoke(tx, session, device);
      return null;
    }
    const seen = storable({ ...device, userAgent: device.userAgent || session.userAgent });
    const next =
      verdict.do === 'rotate'
        ? this.#rotate(tx, session, claims.gen, seen)
        : this.#repeat(tx, session, seen);
    return { user: verdict.user, session: await next };
  }

  /** Uses the time at which the token arrived, so that a wait for the row does not use up the grace period. */
  async #judge(tx: Repositories, claims: RefreshClaims): Promise<RefreshVerdict> {
    const now = this.#now();
    const { sessionMaxMs } = this.#policy;
    const session = await tx.sessions.findForUpdate(claims.sessionId);
    const user = session && (await tx.users.find(session.userId));
    const isGenuine: RefreshRules['isGenuine'] = (shown, row) => this.#tokens.isGenuine(shown, row);
    return judgeRefresh(session, user, claims, { now, sessionMaxMs, isGenuine });
  }

  async #revoke(tx: Repositories, session: SessionRecord, device: Device): Promise<void> {
    await tx.sessions.revoke(session.id);
    const shown = { userId: null, sessionId: session.id, ...device };
    await record(tx.audit, shown, 'refresh_reused', session.userId);
  }

  /** Issues the next `gen`. The one just shown counts as seen. */
  async #rotate(
    tx: Repositories,
    session: SessionRecord,
    shown: number,
    seen: Device,
  ): Promise<SessionRecord> {
    const period = this.period(session.createdAt);
    const next = { gen: shown + 1, seenGen: shown, ...seen, ...period };
    await tx.sessions.rotate(session.id, next);
    return { ...session, ...next };
  }

  async #repeat(tx: Repositories, session: SessionRecord, seen: Device): Promise<SessionRecord> {
    await tx.sessions.touch(session.id, { ...seen, at: new Date(this.#now()) });
    return session;
  }
}
