import { Router } from 'express';
import { updateUserBody } from '../../contract/schemas.js';
import type { Credentials } from '../credentials.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';

export function userRoutes(
  { users }: HttpDeps,
  { user }: Endpoints,
  credentials: Credentials,
): Router {
  const read = user({}, async ({ principal }) => principal.user);

  const update = user({ body: updateUserBody }, async ({ principal, body }) =>
    users.update(principal.userId, body),
  );

  const remove = user({}, async ({ principal, req, res }) => {
    await users.delete(principal.userId);
    credentials.clear(req, res);
    return { message: 'Account deleted' };
  });

  return Router().get('/me', read).patch('/me', update).delete('/me', remove);
}
