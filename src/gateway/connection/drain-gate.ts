import type { IncomingMessage, ServerResponse } from 'node:http';
import { isNewConnection } from './socket-request.js';

type Next = (error?: unknown) => void;

const RETRY_AFTER_SECONDS = 1;
const REFUSAL = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_SECONDS}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

/**
 * Engine.IO middleware: a draining node refuses new sockets with 503, so that a load balancer which does not
 * know of the drain yet offers them to another node. Sockets that exist go on until they are closed.
 */
export function createDrainGate(isDraining: () => boolean) {
  return (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    if (!isDraining() || !isNewConnection(request)) next();
    // The response to an upgrade request is written on the bare connection.
    else if (request.headers.upgrade !== undefined) request.socket.end(REFUSAL);
    else response.writeHead(503, { 'Retry-After': RETRY_AFTER_SECONDS }).end();
  };
}
