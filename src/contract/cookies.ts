export interface CookieNames {
  access: string;
  refresh: string;
}

/** Paths that go with the names: browsers refuse `__Host-` with any other than `/` (RFC 6265bis, 4.1.3). */
export const COOKIE_PATHS = { access: '/', refresh: '/auth' } as const;

/** How the two tokens are called as cookies; `secure` when they are sent over TLS only. */
export const cookieNames = (secure: boolean): CookieNames =>
  secure
    ? { access: '__Host-access_token', refresh: '__Secure-refresh_token' }
    : { access: 'access_token', refresh: 'refresh_token' };
