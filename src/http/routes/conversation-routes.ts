import { Router } from 'express';
import type { ConversationListQuery } from '../../contract/rest.js';
import {
  conversationFields,
  conversationListQuery,
  idParams,
  messagePageQuery,
} from '../../contract/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';

/** RFC 8288, relative to the request: behind a proxy only the client knows the address in front. */
function nextLink(path: string, { limit, q }: ConversationListQuery, cursor: string): string {
  const query = new URLSearchParams({ cursor });
  if (limit !== undefined) query.set('limit', String(limit));
  if (q) query.set('q', q);
  return `<${path}?${query}>; rel="next"`;
}

export function conversationRoutes({ conversations }: HttpDeps, { user }: Endpoints): Router {
  const list = user({ query: conversationListQuery }, async ({ principal, query, req, res }) => {
    const page = await conversations.list(principal.userId, query);
    if (page.nextCursor) res.set('Link', nextLink(req.baseUrl, query, page.nextCursor));
    return page.conversations;
  });

  const create = user({ body: conversationFields, status: 201 }, async ({ principal, body }) =>
    conversations.create(principal.userId, body),
  );

  const read = user({ params: idParams }, async ({ principal, params }) =>
    conversations.get(principal.userId, params.id),
  );

  const update = user(
    { params: idParams, body: conversationFields },
    async ({ principal, params, body }) => conversations.update(principal.userId, params.id, body),
  );

  const remove = user({ params: idParams }, async ({ principal, params }) => {
    await conversations.delete(principal.userId, params.id);
    return { message: 'Conversation deleted' };
  });

  const messages = user({ params: idParams, query: messagePageQuery }, async (call) => {
    const { principal, params, query } = call;
    const page = await conversations.messages(principal.userId, params.id, query);
    return page.messages;
  });

  const router = Router().get('/', list).post('/', create);
  router.route('/:id').get(read).patch(update).delete(remove);
  return router.get('/:id/messages', messages);
}
