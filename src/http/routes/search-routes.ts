import { Router } from 'express';
import { CALL_SCOPES } from '../../contract/scopes.js';
import { searchQuery } from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';

export function searchRoutes({ search }: HttpDeps, { user }: Endpoints): Router {
  return Router().get(
    '/search',
    user(
      {
        permission: 'conversations:read',
        query: searchQuery,
        scopes: CALL_SCOPES['GET /agent/search'],
      },
      async (call) => {
        const { principal, query, res } = call;
        return search.search(principal.userId, query, () => !res.destroyed);
      },
    ),
  );
}
