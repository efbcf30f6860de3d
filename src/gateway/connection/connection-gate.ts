import type { IncomingMessage, ServerResponse } from 'node:http';
import cookieParser from 'cookie-parser';
import cors from 'cors';
import type { Request, Response } from 'express';
import { letGo } from './kept-request.js';
import { endWith } from './last-response.js';
import { isNewConnection } from './socket-request.js';

type Next = (error?: unknown) => void;
type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

const RETRY_AFTER_SECONDS = 1;
const REFUSAL = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_SECONDS}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

/**
 * Engine.IO middleware that runs before a connection. It is a single function, because Engine.IO creates promises for
 * each middleware. Upgrades skip CORS: browsers do not apply it to them.
 */
export function createConnectionGate(
  corsOrigins: readonly string[],
  isDraining: () => boolean,
): Middleware {
  const allowOrigins = cors({ origin: [...corsOrigins], credentials: true });
  const parseCookies = cookieParser();
  const refuseWhileDraining = createDrainGate(isDraining);
  return (request, response, next) => {
    const letIn = () => letGo(request, response, next);
    const readCookies = () => parseCookies(request as Request, response as Response, letIn);
    const enter = () => refuseWhileDraining(request, response, readCookies);
    if (request.headers.upgrade === undefined) allowOrigins(request as Request, response, enter);
    else enter();
  };
}

/**
 * A draining node refuses new sockets with 503, so that a load balancer that does not know of the drain yet offers
 * them to another node. Existing sockets stay until they are closed.
 */
function createDrainGate(isDraining: () => boolean) {
  return (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    if (!isDraining() || !isNewConnection(request)) next();
    // The response to an upgrade request is written on the bare connection.
    else if (request.headers.upgrade !== undefined) endWith(request.socket, REFUSAL);
    else response.writeHead(503, { 'Retry-After': RETRY_AFTER_SECONDS }).end();
  };
}
