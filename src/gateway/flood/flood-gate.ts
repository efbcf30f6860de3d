import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressBuckets, costOfRequest } from '../../domain/address-buckets.js';
import type { Places } from './places.js';

type Next = (error?: unknown) => void;

export interface FloodGateDeps {
  /** Who a request counts as. */
  addressOf(request: IncomingMessage): string;
  /** All requests of an address, those of polling included. */
  requests: AddressBuckets;
  /** New connections of an address. */
  handshakes: AddressBuckets;
  connections: Places;
}

const FULL_RETRY_MS = 5_000;

const isNew = ({ url = '' }: IncomingMessage) =>
  !new URLSearchParams(url.slice(url.indexOf('?') + 1)).has('sid');

/** The response to an upgrade request is written on the bare connection. */
function refuse(request: IncomingMessage, response: ServerResponse, waitMs: number): void {
  const seconds = Math.ceil(waitMs / 1_000);
  if (request.headers.upgrade === undefined) {
    response.writeHead(429, { 'Retry-After': seconds }).end();
    return;
  }
  request.socket.end(
    `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${seconds}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}

/**
 * Engine.IO middleware: what an address asks for beyond its limits gets 429 before a connection is made of it. The
 * limit on handshakes that tells clients more stands behind it and is the lower one.
 */
export function createFloodGate(deps: FloodGateDeps) {
  const waitOf = (request: IncomingMessage, address: string): number => {
    const waitMs = deps.requests.take(address, costOfRequest(request.headers));
    if (waitMs > 0 || !isNew(request)) return waitMs;
    return deps.connections.isFull(address) ? FULL_RETRY_MS : deps.handshakes.take(address);
  };

  return (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    const waitMs = waitOf(request, deps.addressOf(request));
    if (waitMs === 0) next();
    else refuse(request, response, waitMs);
  };
}
