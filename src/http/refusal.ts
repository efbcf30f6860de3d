import type { IncomingMessage, ServerResponse } from 'node:http';
import { pickLanguage } from '../contract/language.js';
import { rateLimited } from '../entities/errors.js';
import { requestId } from './middleware/request-log.js';
import { problemHeaders, toProblem } from './problem.js';
import { isOfProgram, toProgramProblem } from './programs/openai-problem.js';

/** Responds before Express sees the request, at a fraction of its cost. */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  waitMs: number,
): void {
  const id = requestId(request, response);
  const { status, headers, body } = isOfProgram(request.url)
    ? toProgramProblem(rateLimited(waitMs), request.headers['accept-language'])
    : refusalOf(request, id, waitMs);
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    Vary: 'Accept-Language',
    'Content-Length': text.length,
  });
  response.end(text);
}

function refusalOf(request: IncomingMessage, id: string, waitMs: number) {
  const language = pickLanguage(request.headers['accept-language']);
  const body = toProblem(rateLimited(waitMs), language, id);
  return { status: body.status, headers: problemHeaders(body, language), body };
}
