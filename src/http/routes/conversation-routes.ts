import { Router } from 'express';
import { CALL_SCOPES } from '../../contract/scopes.js';
import {
  conversationChanges,
  conversationFields,
  conversationListQuery,
  exportQuery,
  idParams,
  messagePageQuery,
} from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { sendConversation } from '../exports/conversation-export.js';
import { nextLink } from '../next-link.js';

const READ = 'conversations:read';
const WRITE = 'conversations:write';

export function conversationRoutes(
  { conversations, exports, rights }: HttpDeps,
  { user }: Endpoints,
): Router {
  const list = user(
    {
      permission: READ,
      query: conversationListQuery,
      scopes: CALL_SCOPES['GET /agent/conversations'],
    },
    async ({ principal, query, req, res }) => {
      const page = await conversations.list(principal.userId, query);
      if (page.nextCursor) res.set('Link', nextLink(req.baseUrl, { ...query }, page.nextCursor));
      return page.conversations;
    },
  );

  const create = user(
    {
      permission: WRITE,
      body: conversationFields,
      status: 201,
      scopes: CALL_SCOPES['POST /agent/conversations'],
    },
    async ({ principal, body }) => conversations.create(principal, body),
  );

  const read = user(
    { permission: READ, params: idParams, scopes: CALL_SCOPES['GET /agent/conversations/:id'] },
    async ({ principal, params }) => conversations.get(principal.userId, params.id),
  );

  const update = user(
    {
      permission: WRITE,
      params: idParams,
      body: conversationChanges,
      scopes: CALL_SCOPES['PATCH /agent/conversations/:id'],
    },
    async ({ principal, params, body }) => conversations.update(principal, params.id, body),
  );

  const remove = user(
    { permission: WRITE, params: idParams, scopes: CALL_SCOPES['DELETE /agent/conversations/:id'] },
    async ({ principal, params }) => {
      await conversations.delete(principal, params.id);
      return { message: 'Conversation deleted' };
    },
  );

  const restore = user(
    {
      permission: WRITE,
      params: idParams,
      scopes: CALL_SCOPES['POST /agent/conversations/:id/restore'],
    },
    async ({ principal, params }) => ({
      conversation: await conversations.restore(principal, params.id),
    }),
  );

  const messages = user(
    {
      permission: READ,
      params: idParams,
      query: messagePageQuery,
      scopes: CALL_SCOPES['GET /agent/conversations/:id/messages'],
    },
    async (call) => {
      const { principal, params, query, req, res } = call;
      const page = await conversations.messages(principal.userId, params.id, query);
      const before = page.hasMore && page.messages[0]?.id;
      if (before) {
        const path = `${req.baseUrl}/${params.id}/messages`;
        res.set('Link', nextLink(path, { ...query }, String(before), 'before'));
      }
      return page.messages;
    },
  );

  const download = user(
    {
      permission: READ,
      params: idParams,
      query: exportQuery,
      isDownload: true,
      scopes: CALL_SCOPES['GET /agent/conversations/:id/export'],
    },
    async ({ principal, params: { id }, query: { format = 'markdown' }, language, res }) => {
      const call = { id, format, language, principal };
      await exports.run(principal.userId, () => sendConversation(res, exports, call, rights));
    },
  );

  const router = Router().get('/', list).post('/', create);
  router.route('/:id').get(read).patch(update).delete(remove);
  return router
    .get('/:id/messages', messages)
    .get('/:id/export', download)
    .post('/:id/restore', restore);
}
