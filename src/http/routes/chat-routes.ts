import { Router } from 'express';
import type { ChatBody, ChatResponse } from '../../contract/rest.js';
import { CALL_SCOPES } from '../../contract/scopes.js';
import type { FinishedMessage } from '../../entities/entities.js';
import { chatBody } from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { ProblemError } from '../problem.js';
import { streamAsked } from './stream-route.js';

const SEND = 'messages:send';

const JSON_TYPE = 'application/json';
const EVENTS_TYPE = 'text/event-stream';

/** Reasons for a failed answer that are not the model's. */
const OWN_CODES = ['provider_unavailable', 'quota_exceeded'] as const;

/** The problem has the ids of the stored messages. */
function failedAnswer({ error, conversation_id, id, status }: FinishedMessage): ProblemError {
  const code = OWN_CODES.find((own) => own === error?.code) ?? 'provider_error';
  return new ProblemError(code, { conversation_id, message_id: id, message_status: status });
}

const chatResponse = (body: ChatBody, answer: FinishedMessage): ChatResponse => ({
  conversation_id: answer.conversation_id,
  message: body.message,
  response: answer.content,
  message_id: answer.id,
  status: answer.status,
});

export function chatRoutes(deps: HttpDeps, { user }: Endpoints): Router {
  const { messages, models, limit, rights } = deps;

  const chat = user(
    { permission: SEND, body: chatBody, scopes: CALL_SCOPES['POST /agent/chat'], asks: true },
    async ({ principal, body, req, res }) => {
      await limit('message', String(principal.userId));
      res.vary('Accept');
      if (req.accepts([JSON_TYPE, EVENTS_TYPE]) === EVENTS_TYPE) {
        return streamAsked(deps, { principal, res, ask: () => messages.ask(principal, body) });
      }
      const right = rights.watch(principal, SEND);
      try {
        const { message } = await messages.chat(principal, body, right.signal);
        // The notice that the right has ended may have been lost.
        await rights.require(principal, SEND);
        if (message.status === 'failed') throw failedAnswer(message);
        return chatResponse(body, message);
      } finally {
        right.close();
      }
    },
  );

  return Router()
    .post('/chat', chat)
    .get(
      '/models',
      user(
        { permission: 'conversations:read', scopes: CALL_SCOPES['GET /agent/models'] },
        async () => models(),
      ),
    );
}
