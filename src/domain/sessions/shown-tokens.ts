import type { ErrorCode } from '../../contract/errors.js';
import { AppError } from '../../model/errors.js';

/** Cookies of one name that are looked at: an honest browser has one, or two where a sibling host has set one as well. */
const MOST = 5;

/** These concern one token alone, so the next one may be tried. */
const WORTHLESS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'token_invalid',
  'token_expired',
  'session_revoked',
  'refresh_reused',
  'account_disabled',
]);

/** A request that `cookie-parser` has read. */
export interface CookieRequest {
  headers: { cookie?: string | undefined };
  cookies?: unknown;
}

/**
 * The values of all cookies of a name, in the order in which they came. The parser answers the first one only, and which
 * one that is a sibling host can decide (RFC 6265, 8.6): so the header is asked for the others.
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

/** What the first accepted token gives. @throws of the errors of all tokens the one that helps the client most */
export async function firstAccepted<T>(
  tokens: readonly string[],
  accept: (token: string) => Promise<T>,
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
