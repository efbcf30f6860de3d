import { EventEmitter } from 'node:events';

interface Websocket extends EventEmitter {
  pause(): void;
  terminate(): void;
}

/** What Engine.IO has of a connection. */
export interface Connection {
  transport: unknown;
}

/** Until then a goodbye has left, if it ever will. */
const GOODBYE_MS = 1_000;

/** Of a connection by polling null. */
export function websocketOf({ transport }: Connection): Websocket | null {
  const socket: unknown =
    typeof transport === 'object' && transport && Reflect.get(transport, 'socket');
  return socket instanceof EventEmitter ? (socket as Websocket) : null;
}

/** Says goodbye and ends the connection. Nothing that still comes in is read, and no answer is waited for. */
export function cutOff(connection: Connection, sayGoodbye: () => void): void {
  const websocket = websocketOf(connection);
  websocket?.pause();
  sayGoodbye();
  websocket?.removeAllListeners('message');
  if (websocket) setTimeout(() => websocket.terminate(), GOODBYE_MS).unref();
}
