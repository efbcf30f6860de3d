import { Router } from 'express';
import { passwordBody, sessionParams } from '../../validation/schemas.js';
import { actorOf } from '../actor.js';
import type { Credentials } from '../credentials.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';

/** Devices and the password: they keep an account in its owner's hands. */
export function sessionRoutes(
  { sessions, passwords, passwordPolicy, guard }: HttpDeps,
  { user }: Endpoints,
  credentials: Credentials,
): Router {
  const list = user({}, async ({ principal }) => sessions.list(principal));

  const revoke = user({ params: sessionParams }, async ({ principal, params, req, res }) => {
    await sessions.revoke(actorOf(principal, req), params.id);
    if (params.id === principal.sessionId) credentials.clear(req, res);
    return { message: 'Session ended' };
  });

  const revokeOthers = user({}, async ({ principal, req }) => {
    await sessions.revokeOthers(actorOf(principal, req));
    return { message: 'Other sessions ended' };
  });

  const changePassword = user({ body: passwordBody }, async (call) => {
    const { principal, body, req } = call;
    const { email, username } = principal.user;
    const password = body.new_password;
    passwordPolicy.require({ password, path: 'new_password', email, username });
    await guard.confirm(principal.sessionId, () => passwords.change(actorOf(principal, req), body));
    return { message: 'Password changed' };
  });

  return Router()
    .get('/sessions', list)
    .delete('/sessions', revokeOthers)
    .delete('/sessions/:id', revoke)
    .post('/password', changePassword);
}
