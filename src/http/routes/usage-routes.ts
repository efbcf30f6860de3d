import { Router } from 'express';
import type { UsageList, UsageSums } from '../../contract/usage.js';
import { usageQuery } from '../../validation/admin-schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { nextLink } from '../next-link.js';

export function usageRoutes({ usage }: HttpDeps, { user }: Endpoints): Router {
  const own = user({}, async ({ principal }) => usage.of(principal.userId));

  const all = user(
    { permission: 'usage:read', query: usageQuery },
    async ({ query: { by, ...query }, req, res }): Promise<UsageList | UsageSums> => {
      if (by !== undefined) return usage.sums(by);
      const { nextCursor, ...list } = await usage.list(query);
      if (nextCursor) res.set('Link', nextLink(req.path, { ...query }, nextCursor));
      return list;
    },
  );

  return Router().get('/users/me/usage', own).get('/admin/usage', all);
}
