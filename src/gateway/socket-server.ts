import type { Server as HttpServer } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import { PROTOCOL_VERSION, type ServerEvents } from '../contract/events.js';
import { LIMITS } from '../contract/limits.js';
import type { SocketTransport } from '../ports/socket-transport.js';
import { modestParser } from './connection/modest-parser.js';
import { FairWebSocketServer } from './flood/fair-websockets.js';
import type { ParleyServer } from './types.js';

export type Sockets = SocketTransport<NonNullable<ServerOptions['adapter']>>;

export interface Greeting {
  version: string;
  nodeId: string;
  /** The build of the page that the node serves. */
  page: string | null;
  maxOpen: number;
}

const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** `sockets`: null if there are no other nodes. */
export const createSocketServer = (http: HttpServer, sockets: Sockets | null): ParleyServer =>
  new Server(http, {
    serveClient: false,
    maxHttpBufferSize: LIMITS.payloadBytes,
    parser: modestParser,
    connectTimeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    perMessageDeflate: false,
    wsEngine: FairWebSocketServer,
    ...(sockets && { adapter: sockets.adapter }),
  });

export const helloOf = ({
  version,
  nodeId,
  page,
  maxOpen,
}: Greeting): ServerEvents['server:hello'] => ({
  protocol: PROTOCOL_VERSION,
  version,
  node_id: nodeId,
  page,
  limits: {
    message_chars: LIMITS.messageChars,
    payload_bytes: LIMITS.payloadBytes,
    open_conversations: maxOpen,
  },
  ping: { interval_ms: PING_INTERVAL_MS, timeout_ms: PING_TIMEOUT_MS },
});
