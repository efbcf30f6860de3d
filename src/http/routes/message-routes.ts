import { Router } from 'express';
import { CALL_SCOPES } from '../../contract/scopes.js';
import type { AuthenticatedUser } from '../../domain/sessions/auth-service.js';
import {
  continueBody,
  editBody,
  idParams,
  regenerateBody,
  sendBody,
} from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { streamRoute } from './stream-route.js';

const SEND = 'messages:send';
const READ = 'conversations:read';
const WRITE = 'conversations:write';
const ACCEPTED = 202;

/** Messages and branches; the same calls as the socket events of these names. */
export function messageRoutes(deps: HttpDeps, { user }: Endpoints): Router {
  const { messages, branches, generations, keyAnswers, limit } = deps;
  const limited = ({ userId }: AuthenticatedUser) => limit('message', String(userId));

  const send = user(
    {
      permission: SEND,
      body: sendBody,
      status: ACCEPTED,
      scopes: CALL_SCOPES['POST /agent/messages'],
      asks: true,
    },
    async ({ principal, body }) => {
      await limited(principal);
      const { conversation_id, client_id, parent_id, ...fields } = body;
      const ids = { conversationId: conversation_id, clientId: client_id, parentId: parent_id };
      return messages.send(principal, { ...fields, ...ids });
    },
  );

  const read = user(
    { permission: READ, params: idParams, scopes: CALL_SCOPES['GET /agent/messages/:id'] },
    async ({ principal, params }) => keyAnswers.require(principal, params.id),
  );

  const stop = user(
    { permission: SEND, params: idParams, scopes: CALL_SCOPES['POST /agent/messages/:id/stop'] },
    async ({ principal, params }) => ({ status: await generations.stop(principal, params.id) }),
  );

  const edit = user(
    {
      permission: SEND,
      params: idParams,
      body: editBody,
      status: ACCEPTED,
      scopes: CALL_SCOPES['POST /agent/messages/:id/edit'],
      asks: true,
    },
    async ({ principal, params, body: { client_id, ...fields } }) => {
      await limited(principal);
      return messages.edit(principal, { ...fields, messageId: params.id, clientId: client_id });
    },
  );

  const regenerate = user(
    {
      permission: SEND,
      params: idParams,
      body: regenerateBody,
      status: ACCEPTED,
      scopes: CALL_SCOPES['POST /agent/messages/:id/regenerate'],
      asks: true,
    },
    async ({ principal, params, body: { client_id, model } }) => {
      await limited(principal);
      const input = { messageId: params.id, clientId: client_id, model };
      return messages.regenerate(principal, input);
    },
  );

  const goOn = user(
    {
      permission: SEND,
      params: idParams,
      body: continueBody,
      status: ACCEPTED,
      scopes: CALL_SCOPES['POST /agent/messages/:id/continue'],
      asks: true,
    },
    async ({ principal, params, body: { client_id } }) => {
      await limited(principal);
      return messages.continue(principal, { messageId: params.id, clientId: client_id });
    },
  );

  const select = user(
    { permission: WRITE, params: idParams, scopes: CALL_SCOPES['POST /agent/messages/:id/select'] },
    async ({ principal, params }) => branches.select(principal, params.id),
  );

  const remove = user(
    { permission: WRITE, params: idParams, scopes: CALL_SCOPES['DELETE /agent/messages/:id'] },
    async ({ principal, params }) => ({
      message_ids: await branches.delete(principal, params.id),
    }),
  );

  return Router()
    .post('/', send)
    .get('/:id', read)
    .get('/:id/stream', streamRoute(deps, user))
    .post('/:id/stop', stop)
    .delete('/:id', remove)
    .post('/:id/edit', edit)
    .post('/:id/regenerate', regenerate)
    .post('/:id/continue', goOn)
    .post('/:id/select', select);
}
