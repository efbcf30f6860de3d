import type { ErrorCode } from '../../contract/errors.js';
import { AppError } from '../../entities/errors.js';

/** Cookies of one name that are considered. A browser has one, or two if a sibling host has set one as well. */
const MOST = 5;

/** Errors that concern a single token, so the next one may be tried. */
const WORTHLESS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'token_invalid',
  'token_expired',
  'session_revoked',
  'key_revoked',
  'refresh_reused',
  'account_disabled',
]);

/** A request whose cookies `cookie-parser` has read. */
export interface CookieRequest {
  headers: { cookie?: string | undefined };
  cookies?: unknown;
}

/**
 * The values of all cookies with a name, in the order of the request. The parser returns only the first one, and a
 * sibling host can decide which that is (RFC 6265, 8.6), so the header gives the others.
 */
export function cookiesNamed({ headers, cookies }: CookieRequest, name: string): string[] {
  const first: unknown = Object(cookies)[name];
  if (first === undefined) return [];
  const values = [first, ...repeated(headers.cookie ?? '', name)];
  return [...new Set(values.filter(isText))].slice(0, MOST);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const repeated = (header: string, name: string): string[] =>
  header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) return [];
    const value = pair.slice(at + 1).trim();
    return value.replace(/^"(.*)"$/, '$1');
  });

/** The result for the first accepted token. @throws the error of all tokens that helps the client most */
export async function firstAccepted<S, T>(
  tokens: readonly S[],
  accept: (token: S) => Promise<T>,
): Promise<T> {
  const errors: AppError[] = [];
  for (const token of tokens) {
    try {
      return await accept(token);
    } catch (error) {
      if (!(error instanceof AppError) || !WORTHLESS.has(error.code)) throw error;
      errors.push(error);
    }
  }
  throw errors.find(({ code }) => code === 'token_expired') ?? errors[0] ?? unauthenticated();
}

const unauthenticated = () => new AppError('unauthenticated');
