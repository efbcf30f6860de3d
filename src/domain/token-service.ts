import { createHash, createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LIMITS } from '../contract/limits.js';
import type { User } from '../contract/rest.js';
import type { SessionRecord } from './entities.js';
import { AppError } from './errors.js';
import {
  type AccessClaims,
  type RefreshClaims,
  readAccessClaims,
  readRefreshClaims,
} from './token-claims.js';

export interface TokenSettings {
  secretKey: string;
  refreshSecretKey: string;
  issuer: string;
  audience: string;
  accessTokenMs: number;
}

export interface SignedToken {
  token: string;
  /** In ms since the epoch. */
  expiresAt: number;
}

const ALGORITHM = 'HS256';

/** How far the clocks of nodes may differ. */
const CLOCK_SKEW_SECONDS = 60;

const isFromFuture = ({ iat = 0 }: jwt.JwtPayload, now: number): boolean =>
  iat > now + CLOCK_SKEW_SECONDS;

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Follows from the session row alone, so that a lost refresh token can be signed again. */
const refreshId = ({ id, gen, rotatedAt }: SessionRecord): string =>
  createHash('sha256').update(`${id} ${gen} ${rotatedAt.getTime()}`).digest('base64url');

/** Signs and checks the two kinds of JWT; knows nothing of whether their session lives. */
export class TokenService {
  #settings: TokenSettings;
  #accessKey: KeyObject;
  #refreshKey: KeyObject;
  #now: () => number;

  constructor(settings: TokenSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#accessKey = createSecretKey(settings.secretKey, 'utf8');
    this.#refreshKey = createSecretKey(settings.refreshSecretKey, 'utf8');
    this.#now = now;
  }

  signAccess(user: User, session: SessionRecord): SignedToken {
    const iat = seconds(this.#now());
    const exp = iat + seconds(this.#settings.accessTokenMs);
    const { username, roles } = user;
    const identity = { sub: String(user.id), username, roles, sid: session.id, gen: session.gen };
    const claims = { ...identity, type: 'access', iat, exp, jti: randomUUID() };
    return { token: this.#sign(claims, this.#accessKey), expiresAt: exp * 1000 };
  }

  /** The same session row gives the same token, letter for letter. */
  signRefresh(session: SessionRecord): SignedToken {
    const exp = seconds(session.expiresAt.getTime());
    const claims = {
      sub: String(session.userId),
      sid: session.id,
      gen: session.gen,
      type: 'refresh',
      iat: seconds(session.rotatedAt.getTime()),
      exp,
      jti: refreshId(session),
    };
    return { token: this.#sign(claims, this.#refreshKey), expiresAt: exp * 1000 };
  }

  /** @throws AppError `token_expired`, `token_invalid` */
  verifyAccess(token: string): AccessClaims {
    return required(readAccessClaims(this.#verify(token, this.#accessKey)));
  }

  /** @throws AppError `token_invalid`, and `token_expired` unless `evenExpired` */
  verifyRefresh(token: string, evenExpired = false): RefreshClaims {
    return required(readRefreshClaims(this.#verify(token, this.#refreshKey, evenExpired)));
  }

  /** Whether the claims are those of the token that this session's present turn gave out. */
  isCurrent({ sessionId, gen, jti }: RefreshClaims, session: SessionRecord): boolean {
    return sessionId === session.id && gen === session.gen && jti === refreshId(session);
  }

  #sign(claims: object, key: KeyObject): string {
    const { issuer: iss, audience: aud } = this.#settings;
    return jwt.sign({ ...claims, iss, aud }, key, { algorithm: ALGORITHM });
  }

  #verify(token: string, key: KeyObject, ignoreExpiration = false): jwt.JwtPayload {
    if (token.length > LIMITS.tokenChars) throw new AppError('token_invalid');
    const { issuer, audience } = this.#settings;
    const clockTimestamp = seconds(this.#now());
    const options = { issuer, audience, clockTimestamp, ignoreExpiration };
    try {
      const claims = jwt.verify(token, key, { ...options, algorithms: [ALGORITHM] });
      return typeof claims === 'string' || isFromFuture(claims, clockTimestamp) ? {} : claims;
    } catch (cause) {
      const expired = cause instanceof jwt.TokenExpiredError;
      throw new AppError(expired ? 'token_expired' : 'token_invalid', { cause });
    }
  }
}

function required<T>(claims: T | null): T {
  if (claims === null) throw new AppError('token_invalid');
  return claims;
}
