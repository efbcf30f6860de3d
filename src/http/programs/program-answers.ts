import type { Request, Response } from 'express';
import type { RawRequest } from '../../ports/raw-completions.js';
import type { HttpDeps } from '../deps.js';
import { ClientGone } from '../program-calls.js';
import { CompletionStream } from './completion-stream.js';
import { toProgramProblem } from './openai-problem.js';

export interface Asked {
  req: Request;
  res: Response;
  userId: number;
  request: RawRequest;
  signal: AbortSignal;
}

/** Sends a whole completion. */
export function sendCompletion(
  { unread, queue }: Pick<HttpDeps, 'unread' | 'queue'>,
  res: Response,
  userId: number,
  json: string,
): void {
  unread.expectReader(res);
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  };
  res.status(200).set(headers).send(json);
  queue.charge(userId, Number(res.getHeader('content-length') ?? 0));
}

/**
 * Sends the output of `produce` as a stream; its signal ends with a client that does not read, too.
 * @throws any error of `produce` before it has sent anything; later the stream ends with that as an error
 */
export async function streamTo(
  { queue }: Pick<HttpDeps, 'queue'>,
  { req, res, userId, signal }: Omit<Asked, 'request'>,
  produce: (stream: CompletionStream, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const overflow = new AbortController();
  const stream = new CompletionStream(res, {
    onSent: (bytes) => queue.charge(userId, bytes),
    onOverflow: () => overflow.abort(new ClientGone('the client does not read')),
  });
  try {
    await produce(stream, AbortSignal.any([signal, overflow.signal]));
    stream.done();
  } catch (error) {
    if (!stream.isBegun || error instanceof ClientGone) throw error;
    if (error instanceof Error) res.err = error;
    stream.fail(toProgramProblem(error, req.headers['accept-language']).body);
  } finally {
    stream.close();
  }
}
