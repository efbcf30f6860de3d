import { type Request, type Response, Router } from 'express';
import { userListQuery } from '../../contract/admin-schemas.js';
import type { Page } from '../../ports/account-repository.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { nextLink } from '../next-link.js';

type Query = Parameters<typeof nextLink>[1];

/** An array, with the way to the next page in the header. */
function answerPage<T>(req: Request, res: Response, query: Query, page: Page<T>): T[] {
  const path = req.baseUrl + req.path;
  if (page.nextCursor) res.set('Link', nextLink(path, query, page.nextCursor));
  return page.entries;
}

/** Each call names the permission that it needs. */
export function adminRoutes({ accounts }: HttpDeps, { user }: Endpoints): Router {
  const listUsers = user(
    { permission: 'users:read', query: userListQuery },
    async ({ query, req, res }) => answerPage(req, res, { ...query }, await accounts.list(query)),
  );

  return Router().get('/users', listUsers);
}
