import { type Request, type Response, Router } from 'express';
import type { TokenResponse } from '../../contract/accounts.js';
import type { ErrorCode } from '../../contract/errors.js';
import type { LoggedIn } from '../../domain/sessions/auth-service.js';
import { firstAccepted } from '../../domain/sessions/shown-tokens.js';
import type { Device } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import {
  invitationToken,
  loginBody,
  logoutQuery,
  refreshBody,
  registerBody,
} from '../../validation/schemas.js';
import type { Credentials } from '../credentials.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { clientAddress } from '../proxy.js';

/** The cookies are worthless after these errors. */
const ENDED: ReadonlySet<ErrorCode> = new Set([
  'token_invalid',
  'token_expired',
  'session_revoked',
  'refresh_reused',
  'account_disabled',
]);

const deviceOf = (req: Request): Device => ({
  userAgent: req.get('user-agent') ?? '',
  ip: clientAddress(req),
});

export function authRoutes(deps: HttpDeps, { open }: Endpoints, credentials: Credentials): Router {
  const { auth, limit, guard, passwordPolicy, registration } = deps;

  async function refreshed(token: string, req: Request): Promise<LoggedIn> {
    const claims = auth.readRefresh(token);
    await limit('refresh', `session ${claims.sessionId}`);
    return auth.refresh(claims, deviceOf(req));
  }

  async function refreshByCookie(req: Request, res: Response): Promise<TokenResponse> {
    const tokens = auth.newestOf(credentials.refreshTokens(req));
    try {
      const loggedIn = await firstAccepted(tokens, (token) => refreshed(token, req));
      return credentials.give(req, res, loggedIn);
    } catch (error) {
      if (error instanceof AppError && ENDED.has(error.code)) credentials.clear(req, res);
      throw error;
    }
  }

  const register = open({ body: registerBody, status: 201 }, async (call) => {
    const { body, req, res, address } = call;
    credentials.refuseForeignPage(req);
    await limit('register', address);
    passwordPolicy.require({ ...body, path: 'password' });
    return credentials.give(req, res, await auth.register(body, deviceOf(req)));
  });

  const registrationState = open({}, async () => ({ registration: await registration.state() }));

  const invitation = open({ body: invitationToken }, async ({ body, address }) => {
    await limit('register', address);
    return registration.preview(body.invitation);
  });

  const login = open({ body: loginBody }, async ({ body, req, res, address }) => {
    credentials.refuseForeignPage(req);
    const login = () => auth.login(body, deviceOf(req));
    return credentials.give(req, res, await guard.login(body.email, address, login));
  });

  const refresh = open({ body: refreshBody }, async ({ body, req, res, address }) => {
    credentials.refuseForeignPage(req);
    await limit('refresh', address);
    const token = body.refresh_token;
    return token === undefined
      ? refreshByCookie(req, res)
      : credentials.give(req, res, await refreshed(token, req));
  });

  const logout = open({ body: refreshBody, query: logoutQuery }, async (call) => {
    const { body, query, req, res } = call;
    credentials.clear(req, res);
    const given = body.refresh_token ?? query.refresh_token;
    const tokens = given === undefined ? auth.newestOf(credentials.refreshTokens(req)) : [given];
    for (const token of tokens) await auth.logout(token, deviceOf(req));
    return { message: 'Logged out' };
  });

  return Router()
    .get('/registration', registrationState)
    .post('/invitation', invitation)
    .post('/register', register)
    .post('/login', login)
    .post('/refresh', refresh)
    .post('/logout', logout);
}
