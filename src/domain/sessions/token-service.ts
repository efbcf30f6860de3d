import { createHash, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { User } from '../../contract/accounts.js';
import { LIMITS } from '../../contract/limits.js';
import type { SessionRecord } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import { KeyRing } from './key-ring.js';
import {
  type AccessClaims,
  type RefreshClaims,
  readAccessClaims,
  readRefreshClaims,
} from './token-claims.js';

export interface TokenSettings {
  /** Secrets of access tokens: the first one signs, all verify. */
  secretKeys: readonly string[];
  /** The same for refresh tokens. */
  refreshSecretKeys: readonly string[];
  issuer: string;
  audience: string;
  accessTokenMs: number;
}

export interface SignedToken {
  token: string;
  /** Time in ms since the epoch. */
  expiresAt: number;
  lifeSeconds: number;
}

const ALGORITHM = 'HS256';

/** Tolerated difference between the clocks of nodes. */
const CLOCK_SKEW_SECONDS = 60;

const isFromFuture = ({ iat = 0 }: jwt.JwtPayload, now: number): boolean =>
  iat > now + CLOCK_SKEW_SECONDS;

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The id is derived from the session row alone, so that a lost refresh token can be signed again. */
const refreshId = (sessionId: string, gen: number, rotatedAt: number): string =>
  createHash('sha256').update(`${sessionId} ${gen} ${rotatedAt}`).digest('base64url');

/** The token has only the second in which it was signed, but its id was derived from the millisecond. */
function isOfItsSecond({ sessionId, gen, jti, issuedAt }: RefreshClaims): boolean {
  for (let ms = 0; ms < 1000; ms++) {
    if (refreshId(sessionId, gen, issuedAt + ms) === jti) return true;
  }
  return false;
}

/** Signs and checks both kinds of JWT. It does not know whether their sessions are alive. */
export class TokenService {
  #settings: TokenSettings;
  #accessKeys: KeyRing;
  #refreshKeys: KeyRing;
  #now: () => number;

  constructor(settings: TokenSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#accessKeys = new KeyRing(settings.secretKeys);
    this.#refreshKeys = new KeyRing(settings.refreshSecretKeys);
    this.#now = now;
  }

  /** Expires no later than its session. */
  signAccess(user: User, session: SessionRecord): SignedToken {
    const iat = seconds(this.#now());
    const end = iat + seconds(this.#settings.accessTokenMs);
    const exp = Math.min(end, seconds(session.expiresAt.getTime()));
    const { username, roles } = user;
    const identity = { sub: String(user.id), username, roles, sid: session.id, gen: session.gen };
    const claims = { ...identity, type: 'access', iat, exp, jti: randomUUID() };
    return this.#sign(claims, this.#accessKeys);
  }

  /** The same session row always gives the same token. */
  signRefresh(session: SessionRecord): SignedToken {
    const claims = {
      sub: String(session.userId),
      sid: session.id,
      gen: session.gen,
      type: 'refresh',
      iat: seconds(session.rotatedAt.getTime()),
      exp: seconds(session.expiresAt.getTime()),
      jti: refreshId(session.id, session.gen, session.rotatedAt.getTime()),
    };
    return this.#sign(claims, this.#refreshKeys);
  }

  /** @throws AppError `token_expired`, `token_invalid` */
  verifyAccess(token: string): AccessClaims {
    return required(readAccessClaims(this.#verify(token, this.#accessKeys)));
  }

  /** @throws AppError `token_invalid`, and `token_expired` unless `evenExpired` */
  verifyRefresh(token: string, evenExpired = false): RefreshClaims {
    return required(readRefreshClaims(this.#verify(token, this.#refreshKeys, evenExpired)));
  }

  /**
   * Returns the newest genuine refresh token of each session among those that came together: an older one beside it was
   * left behind, not stolen. Returns the first token if none is genuine.
   */
  newestOf(tokens: readonly string[]): string[] {
    const newest = new Map<string, { gen: number; token: string }>();
    for (const token of tokens) {
      const claims = this.#genuine(token);
      if (!claims || claims.gen < (newest.get(claims.sessionId)?.gen ?? 0)) continue;
      newest.set(claims.sessionId, { gen: claims.gen, token });
    }
    return newest.size > 0 ? [...newest.values()].map(({ token }) => token) : tokens.slice(0, 1);
  }

  #genuine(refreshToken: string): RefreshClaims | null {
    try {
      return this.verifyRefresh(refreshToken, true);
    } catch {
      return null;
    }
  }

  /** Whether these are the claims of the token that the session's current rotation issued. */
  isCurrent({ sessionId, gen, jti }: RefreshClaims, session: SessionRecord): boolean {
    if (sessionId !== session.id || gen !== session.gen) return false;
    return jti === refreshId(sessionId, gen, session.rotatedAt.getTime());
  }

  /** Whether a rotation of this session issued the token: the current one, or one that the database has lost. */
  isGenuine(claims: RefreshClaims, session: SessionRecord): boolean {
    return this.isCurrent(claims, session) || isOfItsSecond(claims);
  }

  #sign(claims: { iat: number; exp: number }, { first }: KeyRing): SignedToken {
    const { issuer: iss, audience: aud } = this.#settings;
    const options: jwt.SignOptions = { algorithm: ALGORITHM, keyid: first.kid };
    const token = jwt.sign({ ...claims, iss, aud }, first.key, options);
    return { token, expiresAt: claims.exp * 1000, lifeSeconds: claims.exp - claims.iat };
  }

  #verify(token: string, keys: KeyRing, ignoreExpiration = false): jwt.JwtPayload {
    if (token.length > LIMITS.tokenChars) throw new AppError('token_invalid');
    const { issuer, audience } = this.#settings;
    const clockTimestamp = seconds(this.#now());
    const options = { issuer, audience, clockTimestamp, ignoreExpiration };
    try {
      const key = required(keys.find(kidOf(token)));
      const claims = jwt.verify(token, key, { ...options, algorithms: [ALGORITHM] });
      return typeof claims === 'string' || isFromFuture(claims, clockTimestamp) ? {} : claims;
    } catch (cause) {
      const expired = cause instanceof jwt.TokenExpiredError;
      throw new AppError(expired ? 'token_expired' : 'token_invalid', { cause });
    }
  }
}

/** The header's `kid`, read before anything is verified; claims are not read. @throws if there is no header */
function kidOf(token: string): unknown {
  const header = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString();
  return Reflect.get(JSON.parse(header), 'kid');
}

function required<T>(claims: T | null): T {
  if (claims === null) throw new AppError('token_invalid');
  return claims;
}
