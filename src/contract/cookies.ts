/** The names of the two token cookies. */
export interface CookieNames {
  access: string;
  refresh: string;
}

/** The paths of these names: browsers reject `__Host-` with any path other than `/` (RFC 6265bis, 4.1.3). */
export const COOKIE_PATHS = { access: '/', refresh: '/auth' } as const;

/** The names of the two token cookies. `secure`: sent over TLS only. */
export const cookieNames = (secure: boolean): CookieNames =>
  secure
    ? { access: '__Host-access_token', refresh: '__Secure-refresh_token' }
    : { access: 'access_token', refresh: 'refresh_token' };
