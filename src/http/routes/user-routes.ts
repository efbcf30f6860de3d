import { Router } from 'express';
import { updateUserBody } from '../../validation/schemas.js';
import { actorOf } from '../actor.js';
import type { Credentials } from '../credentials.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { sendExport } from '../exports/account-export.js';

export function userRoutes(
  { users, exports, limit, rights }: HttpDeps,
  { user }: Endpoints,
  credentials: Credentials,
): Router {
  const read = user({}, async ({ principal }) => principal.user);

  const update = user({ body: updateUserBody }, async ({ principal, body, req }) =>
    users.update(actorOf(principal, req), body),
  );

  const remove = user({}, async ({ principal, req, res }) => {
    await users.delete(actorOf(principal, req));
    credentials.clear(req, res);
    return { message: 'Account deleted' };
  });

  const download = user({ isDownload: true }, async ({ principal, res }) => {
    await limit('export', String(principal.userId));
    await exports.run(principal.userId, () => sendExport(res, exports, principal, rights));
  });

  return Router()
    .get('/me/export', download)
    .get('/me', read)
    .patch('/me', update)
    .delete('/me', remove);
}
