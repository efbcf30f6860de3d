import { EventEmitter } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { ParleySocket } from './types.js';

/**
 * The only file that uses internals of Engine.IO and ws. package.json pins both to one version, and
 * `test/integration/gateway/engine-io.test.ts` has one test for each function: run it before you change a version.
 */

export type Connection = ParleySocket['conn'];

/** The parts of a ws WebSocket that are used here. */
export interface Websocket extends EventEmitter {
  readonly bufferedAmount: number;
  pause(): void;
  terminate(): void;
}

interface Packet {
  type: 'message';
  data?: unknown;
  options: object;
}

/** A packet that was encoded once, for `writeEncoded` to any number of connections. */
export interface EncodedPacket {
  packet: string;
  options: { compress: boolean; wsPreEncodedFrame: Buffer[] };
}

/** Returns characters of text, and bytes of binary data. */
export const sizeOf = (data: unknown): number =>
  typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0;

/** Null for a connection by polling. */
export function websocketOf({ transport }: Pick<Connection, 'transport'>): Websocket | null {
  const socket: unknown = Reflect.get(transport, 'socket');
  return socket instanceof EventEmitter ? (socket as Websocket) : null;
}

/** Packets that wait for a connection while a write is under way. */
export function heldPackets(connection: Connection): { packets: number; size: number } {
  const held: unknown = Reflect.get(connection, 'writeBuffer');
  const packets: { data?: unknown }[] = Array.isArray(held) ? held : [];
  return {
    packets: packets.length,
    size: packets.reduce((sum, { data }) => sum + sizeOf(data), 0),
  };
}

/** Whether the last write has left the process. */
export const isWritable = ({ transport }: Connection): boolean => transport.writable;

/** Calls `onResponse` with each response to a poll. */
export function watchPolls(connection: Connection, onResponse: (response: ServerResponse) => void) {
  connection.on('flush', () => {
    const response: unknown = Reflect.get(connection.transport, 'res');
    if (response instanceof ServerResponse) onResponse(response);
  });
}

/** `frame`: the same packet as a complete websocket frame, which is sent unchanged. */
export const encoded = (packet: string, frame: Buffer): EncodedPacket => ({
  packet,
  options: { compress: false, wsPreEncodedFrame: [frame] },
});

export function writeEncoded(connection: Connection, { packet, options }: EncodedPacket): void {
  connection.write(packet, options);
}

/** Adds a packet to the flush that carries the first packet that `fits`, and calls `onAdded` within that flush. */
export function addToFlush(
  connection: Connection,
  { packet: data, options }: EncodedPacket,
  fits: (data: unknown) => boolean,
  onAdded: () => void,
): void {
  const add = (buffer: Packet[]): void => {
    if (!buffer.some((packet) => fits(packet.data))) return;
    connection.off('flush', add);
    buffer.push({ type: 'message', data, options });
    onAdded();
  };
  connection.on('flush', add);
}

/** Replaces the request that began the connection, which is kept for as long as the connection lasts. */
export function replaceRequest(connection: Connection, kept: object): void {
  Reflect.set(connection, 'request', kept);
}

/**
 * Engine.IO passes a stub response for upgrades, which lives as long as the connection. Drops its reference to the
 * request.
 */
export function releaseRequest(response: ServerResponse): void {
  Reflect.set(response, 'req', null);
}

const QUERY = '_query';

/** The parsed query of a request, if it was set before. */
export const knownQuery = (request: IncomingMessage): Record<string, string> | undefined =>
  Reflect.get(request, QUERY);

/** Sets the query that Engine.IO uses instead of parsing it itself. */
export function setQuery(request: IncomingMessage, query: Record<string, string>): void {
  Reflect.set(request, QUERY, query);
}
