import { Router } from 'express';
import type { UsageList } from '../../contract/usage.js';
import { usageListQuery } from '../../validation/admin-schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { nextLink } from '../next-link.js';

export function usageRoutes({ usage }: HttpDeps, { user }: Endpoints): Router {
  const own = user({}, async ({ principal }) => usage.of(principal.userId));

  const all = user(
    { permission: 'usage:read', query: usageListQuery },
    async ({ query, req, res }): Promise<UsageList> => {
      const { nextCursor, ...list } = await usage.list(query);
      if (nextCursor) res.set('Link', nextLink(req.path, { ...query }, nextCursor));
      return list;
    },
  );

  return Router().get('/users/me/usage', own).get('/admin/usage', all);
}
