import type { Request, Response } from 'express';
import { BEGINNING, type Cursor } from '../../contract/events.js';
import type { Message } from '../../contract/rest.js';
import { CALL_SCOPES } from '../../contract/scopes.js';
import type { Principal } from '../../entities/entities.js';
import { conflict, invalid } from '../../entities/errors.js';
import { idParams, streamQuery } from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { EndpointHandler, Endpoints } from '../endpoint.js';
import { sendAnswer } from '../streams/answer-streams.js';

const READ = 'conversations:read';
const HEADER = 'Last-Event-ID';

/** The header is from a reconnection, so it is newer than the query. @throws AppError `validation_failed` */
function cursorOf(req: Request, inQuery = ''): Cursor {
  const inHeader = req.get(HEADER) ?? '';
  const { error } = streamQuery.validate({ last_event_id: inHeader });
  if (error) throw invalid({ path: HEADER, code: 'text.eventId' });
  const [attempt = 0, seq = 0] = (inHeader || inQuery).split('-').map(Number);
  return { attempt, seq };
}

/** An answer as server-sent events, on any node, from a cursor on. */
export function streamRoute(deps: HttpDeps, user: Endpoints['user']): EndpointHandler {
  const { keyAnswers, streams, follower } = deps;
  return user(
    {
      permission: READ,
      params: idParams,
      query: streamQuery,
      // The stream lasts as long as its answer.
      isDownload: true,
      scopes: CALL_SCOPES['GET /agent/messages/:id/stream'],
    },
    async ({ principal, params, query, req, res }) => {
      const cursor = cursorOf(req, query.last_event_id);
      const answer = await keyAnswers.require(principal, params.id);
      if (answer.role !== 'assistant') throw conflict();
      await streams.run({ principal, permission: READ, res }, async (stream, signal) => {
        stream.open();
        if (req.method === 'HEAD') return;
        const items = follower.followStored(principal.userId, answer, cursor, signal);
        await sendAnswer(stream, answer, items, cursor, signal);
      });
    },
  );
}

interface Asked {
  principal: Principal;
  res: Response;
  /** Stores the question, unless it is refused. */
  ask(): Promise<{ assistant_message: Message }>;
}

/** A question and its answer in one stream. */
export async function streamAsked(
  { streams, follower }: Pick<HttpDeps, 'streams' | 'follower'>,
  { principal, res, ask }: Asked,
): Promise<void> {
  await streams.run({ principal, permission: 'messages:send', res }, async (stream, signal) => {
    const { assistant_message: answer } = await ask();
    stream.begin({ conversation_id: answer.conversation_id, message_id: answer.id });
    const items = follower.followStored(principal.userId, answer, BEGINNING, signal);
    await sendAnswer(stream, answer, items, BEGINNING, signal);
  });
}
