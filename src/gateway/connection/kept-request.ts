import type { IncomingMessage, ServerResponse } from 'node:http';
import { cookiesNamed } from '../../domain/sessions/shown-tokens.js';
import { releaseRequest, replaceRequest } from '../engine-io.js';
import type { ParleySocket } from '../types.js';

/** Headers that a handshake reads besides its cookie, here and in `proxy-addr`. */
const READ = [
  'accept-language',
  'host',
  'origin',
  'sec-fetch-site',
  'upgrade',
  'x-forwarded-for',
  'x-forwarded-host',
] as const;

/**
 * Engine.IO and Socket.IO keep the request that began a connection for as long as it lasts: some kilobytes, and the
 * token. It is read again only if a client logs in anew on the same connection, so this keeps only the headers that
 * a handshake reads.
 */
export function keepLess(socket: ParleySocket, accessCookie: string): void {
  const { request, handshake } = socket;
  const headers = Object.fromEntries(READ.flatMap((name) => entry(request, name)));
  const tokens = cookiesNamed(request, accessCookie);
  if (tokens.length > 0)
    headers.cookie = tokens.map((token) => `${accessCookie}=${token}`).join(';');
  const cookies = { [accessCookie]: tokens[0] };
  const connection = request.socket;
  replaceRequest(socket.conn, { headers, cookies, socket: connection, connection });
  Object.assign(handshake, { headers, query: {}, auth: {} });
}

/**
 * Engine.IO middleware; must be the last one. Engine.IO passes a stub response for upgrades, which lives as long as
 * the connection, so this drops its reference to the request.
 */
export function letGo(
  { headers }: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  if (headers.upgrade !== undefined) releaseRequest(response);
  next();
}

function entry({ headers }: IncomingMessage, name: (typeof READ)[number]): [string, unknown][] {
  return headers[name] === undefined ? [] : [[name, headers[name]]];
}
