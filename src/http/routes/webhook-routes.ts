import { Router } from 'express';
import { webhookBody, webhookParams } from '../../validation/schemas.js';
import { actorOf } from '../actor.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';

/** The addresses that are told of a user's answers. */
export function webhookRoutes({ webhooks, limit }: HttpDeps, { user }: Endpoints): Router {
  const list = user({}, async ({ principal }) => webhooks.list(principal.userId));

  const create = user({ body: webhookBody, status: 201 }, async ({ principal, body, req }) => {
    await limit('webhook', String(principal.userId));
    return webhooks.create(actorOf(principal, req), body);
  });

  const remove = user({ params: webhookParams }, async ({ principal, params, req }) => {
    await webhooks.remove(actorOf(principal, req), params.id);
    return { message: 'Webhook deleted' };
  });

  return Router().get('/webhooks', list).post('/webhooks', create).delete('/webhooks/:id', remove);
}
