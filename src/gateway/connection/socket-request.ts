import type { IncomingMessage } from 'node:http';
import { hasBody } from '../../validation/request-body.js';
import { knownQuery, setQuery } from '../engine-io.js';

const SOCKET_PATH = '/socket.io/';
/** These decide what a request is: one that has any of them twice is nothing that is known. */
const DECISIVE = ['EIO', 'transport', 'sid'] as const;

/** The revision of Engine.IO's protocol, the only one that is spoken here. */
const REVISION = '4';

export interface SocketQuery {
  readonly EIO?: string;
  readonly transport?: string;
  readonly sid?: string;
}

/**
 * A request target as all others read it: the absolute form, which every server has to take (RFC 9112, 3.2.2), as path and
 * query, with its host in the place of the header; no fragment.
 */
export function normalizeTarget(request: IncomingMessage): void {
  const [target = ''] = (request.url ?? '').split('#', 1);
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?@]*@)?([^/?]*)/i.exec(target);
  if (absolute) request.headers.host = absolute[1];
  const rest = absolute ? target.slice(absolute[0].length) : target;
  request.url = !absolute || rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * The query of a request for a socket; null for all others. Read once, and everybody goes by it: door, drain and Engine.IO.
 */
export function socketQuery(request: IncomingMessage): SocketQuery | null {
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

/** An empty `sid` is none. */
export function isNewConnection(request: IncomingMessage): boolean {
  const query = socketQuery(request);
  return query !== null && !query.sid;
}

/** Anything else that asks for an upgrade is answered as if it had not: nobody has to switch protocols (RFC 9110, 7.8). */
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

/** Another revision would be accepted and then cut off without a word; as plain HTTP it is told why. */
const isOurs = (query: SocketQuery | null): boolean =>
  query?.transport === 'websocket' && query.EIO === REVISION;

const names = (list = ''): string[] => list.split(',').map((name) => name.trim().toLowerCase());
