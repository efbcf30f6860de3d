import { Router } from 'express';
import { keyBody, keyParams } from '../../validation/schemas.js';
import { actorOf } from '../actor.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';

/** The keys with which programs act for a user. */
export function keyRoutes({ keys, limit }: HttpDeps, { user }: Endpoints): Router {
  const list = user({}, async ({ principal }) => keys.list(principal.userId));

  const create = user({ body: keyBody, status: 201 }, async ({ principal, body, req }) => {
    await limit('key', String(principal.userId));
    return keys.create(actorOf(principal, req), body);
  });

  const revoke = user({ params: keyParams }, async ({ principal, params, req }) => {
    await keys.revoke(actorOf(principal, req), params.id);
    return { message: 'Key revoked' };
  });

  return Router().get('/keys', list).post('/keys', create).delete('/keys/:id', revoke);
}
