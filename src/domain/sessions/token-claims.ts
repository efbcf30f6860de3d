/** The checked claims of an access token. */
export interface AccessClaims {
  userId: number;
  username: string;
  roles: string[];
  sessionId: string;
  gen: number;
  /** Time in ms since the epoch. */
  expiresAt: number;
}

export interface RefreshClaims {
  sessionId: string;
  gen: number;
  jti: string;
  /** Time in ms since the epoch, in whole seconds. */
  issuedAt: number;
  expiresAt: number;
}

type Claims = Readonly<Record<string, unknown>>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isUuid = (value: unknown): value is string => isText(value) && UUID.test(value);
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isId = (value: unknown): value is string => isText(value) && /^[1-9]\d{0,15}$/.test(value);

/** Null if a claim is missing or malformed. */
export function readAccessClaims(claims: Claims): AccessClaims | null {
  const { type, sub, username, roles, sid, gen, iat, exp, jti } = claims;
  if (type !== 'access' || !isId(sub) || !isText(username) || !isTexts(roles)) return null;
  if (!isUuid(sid) || !isCount(gen) || !isCount(iat) || !isCount(exp) || !isText(jti)) return null;
  const userId = Number(sub);
  return { userId, username, roles, sessionId: sid, gen, expiresAt: exp * 1000 };
}

/** Null if a claim is missing or malformed. */
export function readRefreshClaims(claims: Claims): RefreshClaims | null {
  const { type, sub, sid, gen, iat, exp, jti } = claims;
  if (type !== 'refresh' || !isId(sub) || !isUuid(sid) || !isText(jti)) return null;
  if (!isCount(gen) || !isCount(iat) || !isCount(exp)) return null;
  return { sessionId: sid, gen, jti, issuedAt: iat * 1000, expiresAt: exp * 1000 };
}
