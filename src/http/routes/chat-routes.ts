import { Router } from 'express';
import type { ChatBody, ChatResponse } from '../../contract/rest.js';
import { chatBody } from '../../contract/schemas.js';
import type { FinishedMessage } from '../../domain/entities.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { ProblemError } from '../problem.js';

/** What else than the model may have failed an answer. */
const OWN_CODES = ['provider_unavailable', 'quota_exceeded'] as const;

/** What was stored stays addressable. */
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

export function chatRoutes({ messages, models, limit }: HttpDeps, { user }: Endpoints): Router {
  const chat = user(
    { permission: 'messages:send', body: chatBody },
    async ({ principal, body }) => {
      await limit('message', String(principal.userId));
      const { message } = await messages.chat(principal.userId, body);
      if (message.status === 'failed') throw failedAnswer(message);
      return chatResponse(body, message);
    },
  );

  return Router()
    .post('/chat', chat)
    .get(
      '/models',
      user({ permission: 'conversations:read' }, async () => models()),
    );
}
