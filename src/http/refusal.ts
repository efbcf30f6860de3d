import type { IncomingMessage, ServerResponse } from 'node:http';
import { pickLanguage } from '../contract/language.js';
import { rateLimited } from '../model/errors.js';
import { requestId } from './middleware/request-log.js';
import { problemHeaders, toProblem } from './problem.js';

/** Responds before Express sees the request, at a fraction of its cost. */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  waitMs: number,
): void {
  const language = pickLanguage(request.headers['accept-language']);
  const problem = toProblem(rateLimited(waitMs), language, requestId(request, response));
  const body = Buffer.from(JSON.stringify(problem));
  response.writeHead(problem.status, {
    ...problemHeaders(problem, language),
    Vary: 'Accept-Language',
    'Content-Length': body.length,
  });
  response.end(body);
}
