import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { respond } from './completions.js';
import { BadRequest, readAsk } from './request.js';

export interface DemoModelOptions {
  /** Default 50; Infinity sends at once. */
  tokensPerSecond?: number;
  /** Default 0: any free port. */
  port?: number;
}

export interface DemoModel {
  /** Base URL with `/v1`. */
  url: string;
  models: string[];
  /** Ends the server and its open answers. Idempotent. */
  stop(): Promise<void>;
}

const MODELS = ['parley-demo'];

/** An OpenAI-compatible server on the loopback interface, for users without a model. */
export async function startDemoModel(options: DemoModelOptions = {}): Promise<DemoModel> {
  const { tokensPerSecond = 50, port = 0 } = options;
  let count = 0;

  const complete = async (request: IncomingMessage, response: ServerResponse) => {
    const ask = await readAsk(request);
    respond(response, ask, `chatcmpl-demo-${++count}`, tokensPerSecond);
  };
  const server = createServer((request, response) => {
    route(request, response, complete).catch((error: unknown) => sendError(response, error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    models: [...MODELS],
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  complete: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (path === '/v1/chat/completions' && request.method === 'POST') {
    return complete(request, response);
  }
  if (path === '/v1/models' && request.method === 'GET') return sendModels(response);
  throw new BadRequest(404, `Unknown request: ${request.method} ${path}`);
}

function sendModels(response: ServerResponse): void {
  const data = MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'parley' }));
  sendJson(response, 200, { object: 'list', data });
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, message } =
    error instanceof BadRequest ? error : new BadRequest(500, 'The demo model failed.');
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  sendJson(response, status, { error: { message, type, param: null, code: null } });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
