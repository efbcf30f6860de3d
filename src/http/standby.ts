import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from '../contract/rest.js';
import type { Logger } from '../domain/logger.js';
import { unavailable } from '../entities/errors.js';
import { isOfProgram, toProgramProblem } from './programs/openai-problem.js';

export interface Standby {
  close(): Promise<void>;
}

const RETRY_AFTER_S = '1';

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    ...(status === 503 && { 'Retry-After': RETRY_AFTER_S }),
  });
  response.end(JSON.stringify(body));
}

const notYet = (acceptLanguage: unknown) =>
  toProgramProblem(unavailable(new Error('this node does not serve yet')), acceptLanguage).body;

/** Responses of a node that may not serve yet: it is alive, but not ready. */
export async function openStandby(
  port: number,
  readiness: () => Promise<Readiness>,
  logger: Logger,
): Promise<Standby> {
  const onRequest = async ({ url, headers }: IncomingMessage, response: ServerResponse) => {
    const isAlive = /^\/health(?:\/live)?\/?(?:\?|$)/.test(url ?? '');
    if (isAlive) respond(response, 200, { status: 'healthy' });
    else if (isOfProgram(url)) respond(response, 503, notYet(headers['accept-language']));
    else respond(response, 503, await readiness());
  };
  const server = createServer((request, response) => {
    onRequest(request, response).catch((err: unknown) => {
      logger.warn({ err }, 'cannot report why this node does not serve yet');
      response.destroy();
    });
  });
  server.on('error', (err) =>
    logger.warn({ err }, 'cannot report why this node does not serve yet'),
  );
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, resolve);
  });
  if (server.listening)
    logger.info({ port: (server.address() as AddressInfo).port }, 'waiting to serve');
  return {
    async close() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
