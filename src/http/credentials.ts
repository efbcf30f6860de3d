import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import type { TokenResponse } from '../contract/accounts.js';
import { COOKIE_PATHS, cookieNames } from '../contract/cookies.js';
import { isKeyLike } from '../domain/accounts/key-token.js';
import type { LoggedIn } from '../domain/sessions/auth-service.js';
import type { ShownToken } from '../domain/sessions/bearers.js';
import { cookiesNamed } from '../domain/sessions/shown-tokens.js';
import { AppError, forbidden } from '../entities/errors.js';
import type { HttpDeps } from './deps.js';
import { isBrowser } from './origin-policy.js';

type Kind = 'access' | 'refresh';

/** The token in the `Authorization` header. */
export const bearerOf = (req: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '')?.[1];

/** Express middleware: keys log nobody in. */
export const refuseKeys: RequestHandler = (req, _res, next) => {
  next(isKeyLike(bearerOf(req) ?? '') ? forbidden() : undefined);
};

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How tokens are received and sent: as cookies for browsers, in header and body for all other clients. */
export class Credentials {
  #config: Pick<HttpDeps['config'], 'auth' | 'http'>;
  #allowsOrigin: HttpDeps['allowsOrigin'];
  #names: Record<Kind, string>;

  constructor({ config, allowsOrigin }: Pick<HttpDeps, 'config' | 'allowsOrigin'>) {
    this.#config = config;
    this.#allowsOrigin = allowsOrigin;
    this.#names = cookieNames(config.auth.cookieSecure);
  }

  /** The bearer token, or all cookies of the name. @throws AppError `unauthenticated`, `origin_not_allowed` */
  accessTokens(req: Request): ShownToken[] {
    const token = bearerOf(req);
    if (token !== undefined) return [{ token, as: 'bearer' }];
    return this.#fromCookies(req, 'access').map((one) => ({ token: one, as: 'cookie' }));
  }

  /** @throws AppError `unauthenticated`, `origin_not_allowed` */
  refreshTokens(req: Request): string[] {
    return this.#fromCookies(req, 'refresh');
  }

  /** @throws AppError `origin_not_allowed` if a foreign page tries to log its visitor in here */
  refuseForeignPage(req: Request): void {
    if (this.#isBrowser(req) && !this.#mayReceiveCookies(req)) {
      throw new AppError('origin_not_allowed');
    }
  }

  /** Sends the tokens, and returns what goes into the body. */
  give(req: Request, res: Response, { user, access, refresh }: LoggedIn): TokenResponse {
    const body: TokenResponse = { token_type: 'bearer', expires_in: access.lifeSeconds, user };
    if (!this.#isBrowser(req)) {
      return { access_token: access.token, refresh_token: refresh.token, ...body };
    }
    // The access cookie outlives its token, so that a late request learns `token_expired` rather than
    // nothing. A relative time, since the browser's clock or this node's may be wrong.
    const maxAge = refresh.lifeSeconds * 1000;
    res.cookie(this.#names.access, access.token, { ...this.#options('access'), maxAge });
    res.cookie(this.#names.refresh, refresh.token, { ...this.#options('refresh'), maxAge });
    return body;
  }

  /** Clears the cookies. A page that may not use them cannot clear them either. */
  clear(req: Request, res: Response): void {
    if (!this.#isBrowser(req) || !this.#mayReceiveCookies(req)) return;
    for (const kind of ['access', 'refresh'] as const) {
      res.clearCookie(this.#names[kind], this.#options(kind));
    }
  }

  #fromCookies(req: Request, kind: Kind): string[] {
    const tokens = cookiesNamed(req, this.#names[kind]);
    if (tokens.length === 0) throw new AppError('unauthenticated');
    const changes = !SAFE_METHODS.has(req.method);
    if (changes && !this.#allowsOrigin(req)) throw new AppError('origin_not_allowed');
    return tokens;
  }

  #options(kind: Kind): CookieOptions {
    const { cookieSecure: secure, cookieSameSite: sameSite } = this.#config.auth;
    return { httpOnly: true, secure, sameSite, path: COOKIE_PATHS[kind] };
  }

  #isBrowser(req: Request): boolean {
    const headers = { origin: req.get('origin'), secFetchSite: req.get('sec-fetch-site') };
    return isBrowser(headers, this.#config.http);
  }

  /** A browser without `Origin` reports in `Sec-Fetch-Site` whether the page is ours. */
  #mayReceiveCookies(req: Request): boolean {
    if (req.get('origin') !== undefined) return this.#allowsOrigin(req);
    return ['same-origin', 'none'].includes(req.get('sec-fetch-site') ?? '');
  }
}
