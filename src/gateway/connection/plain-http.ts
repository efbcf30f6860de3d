import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hasBody } from '../../validation/request-body.js';
import { endWith, ignoreErrors } from './last-response.js';
import { putBefore } from './put-before.js';
import { isWebsocket, normalizeTarget } from './socket-request.js';

/** Node reads the body of an upgrade request itself from version 25 on, and loses the bytes after it. */
const readsBodies = Number.parseInt(process.versions.node, 10) >= 25;

/**
 * Serves every request that is not a websocket handshake as plain HTTP/1.1, whatever upgrade or expectation it names:
 * a server may ignore both. Call it last: its listeners must run before all others, so that all of them see the same
 * request target.
 */
export function servePlainly(server: Server): void {
  // No header is dropped without a limit on their number; their size is bounded.
  server.maxHeadersCount = 0;
  putBefore(server, 'request', (letIn, request: IncomingMessage, response: ServerResponse) => {
    normalizeTarget(request);
    forgetUpgrade(request, response);
    letIn();
  });
  putBefore(server, 'upgrade', (letIn, request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = request.url ?? '';
    normalizeTarget(request);
    afterResponses(socket, () => {
      if (isWebsocket(request)) accept(request, letIn);
      else startOver(server, request, target, head);
    });
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request, socket) =>
    afterResponses(socket, () => refuseTunnel(server, request)),
  );
  if (readsBodies) {
    Reflect.set(
      server,
      'shouldUpgradeCallback',
      ({ headers }: IncomingMessage) => !hasBody(headers),
    );
  }
}

/** Drops the other protocols that the request offers, because `ws` accepts only `websocket` alone. */
function accept(request: IncomingMessage, letIn: () => void): void {
  request.headers.upgrade = 'websocket';
  letIn();
}

/**
 * Gives the connection back to the server as one that begins with this request, without its `Upgrade` header. Its
 * body, its expectation and pipelined requests are then read as usual. Node 20 cannot decide on upgrades per request.
 */
function startOver(server: Server, request: IncomingMessage, target: string, head: Buffer): void {
  const { socket } = request;
  // The server adds its listeners again, but removes only some of the old ones.
  socket.removeAllListeners('resume').removeAllListeners('pause').setTimeout(0);
  socket.unshift(Buffer.concat([headOf(request, target), head]));
  server.emit('connection', socket);
}

function headOf({ method, httpVersion, rawHeaders }: IncomingMessage, target: string): Buffer {
  const lines = [`${method} ${target} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[i + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/**
 * Waits until earlier pipelined requests have got their responses, and does nothing if the connection has ended by then.
 * Node has no public way to ask.
 */
function afterResponses(socket: Duplex, work: () => void): void {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  if (!(response instanceof ServerResponse)) {
    if (!socket.destroyed) work();
    return;
  }
  const stopIgnoring = ignoreErrors(socket);
  response.once('close', () => {
    stopIgnoring();
    afterResponses(socket, work);
  });
}

/**
 * Ignores the `Upgrade` header of a request that Node did not treat as an upgrade. If Node has read a body, bytes
 * after it are lost, so the response closes the connection.
 */
function forgetUpgrade(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.upgrade === undefined) return;
  delete request.headers.upgrade;
  if (readsBodies && hasBody(request.headers)) response.setHeader('Connection', 'close');
}

/** This server is not a proxy: `CONNECT` gets the response of a route that does not exist. */
function refuseTunnel(server: Server, request: IncomingMessage): void {
  const { socket } = request;
  const response = new ServerResponse(request);
  request.url = '*';
  ignoreErrors(socket);
  response.setHeader('Connection', 'close');
  response.assignSocket(socket);
  response.once('finish', () => endWith(socket));
  server.emit('request', request, response);
}
