import type { IncomingMessage } from 'node:http';
import { hasBody } from '../../validation/request-body.js';
import { knownQuery, setQuery } from '../engine-io.js';

const SOCKET_PATH = '/socket.io/';
/** Parameters that decide what a request is. A query that repeats one of them counts as empty. */
const DECISIVE = ['EIO', 'transport', 'sid'] as const;

/** The only supported revision of Engine.IO's protocol. */
const REVISION = '4';

interface SocketQuery {
  readonly EIO?: string;
  readonly transport?: string;
  readonly sid?: string;
}

/**
 * Normalises a request target. The absolute form, which every server must accept (RFC 9112, 3.2.2), becomes path and
 * query, and its host replaces the `Host` header. A fragment is dropped.
 */
export function normalizeTarget(request: IncomingMessage): void {
  const [target = ''] = (request.url ?? '').split('#', 1);
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?@]*@)?([^/?]*)/i.exec(target);
  if (absolute) request.headers.host = absolute[1];
  const rest = absolute ? target.slice(absolute[0].length) : target;
  request.url = !absolute || rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * The query of a request for a socket; null for other requests. It is parsed once, so that door, drain and Engine.IO
 * decide by the same query.
 */
function socketQuery(request: IncomingMessage): SocketQuery | null {
  const { url = '' } = request;
  if (!url.startsWith(SOCKET_PATH)) return null;
  const known: SocketQuery | undefined = knownQuery(request);
  if (known) return known;
  const query = parse(url);
  setQuery(request, query);
  return query;
}

function parse(url: string): Record<string, string> {
  const at = url.indexOf('?');
  const all = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const isPlain = DECISIVE.every((name) => all.getAll(name).length < 2);
  return isPlain ? Object.fromEntries(all) : {};
}

/** An empty `sid` counts as none. */
export function isNewConnection(request: IncomingMessage): boolean {
  const query = socketQuery(request);
  return query !== null && !query.sid;
}

/**
 * Whether this is a websocket handshake. Any other upgrade request is served as plain HTTP: a server need not switch
 * protocols (RFC 9110, 7.8).
 */
export function isWebsocket(request: IncomingMessage): boolean {
  const { method, headers, httpVersion } = request;
  return (
    method === 'GET' &&
    httpVersion !== '1.0' &&
    names(headers.upgrade).includes('websocket') &&
    !hasBody(headers) &&
    isOurs(socketQuery(request))
  );
}

/** Another revision would be accepted and then closed without an explanation. Plain HTTP gives the reason. */
const isOurs = (query: SocketQuery | null): boolean =>
  query?.transport === 'websocket' && query.EIO === REVISION;

const names = (list = ''): string[] => list.split(',').map((name) => name.trim().toLowerCase());
