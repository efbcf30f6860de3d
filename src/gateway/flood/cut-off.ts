import { type Connection, websocketOf } from '../engine-io.js';

/** Until then a goodbye has left, if it ever will. */
const GOODBYE_MS = 1_000;

/** Says goodbye and ends the connection. Nothing that still comes in is read, and no answer is waited for. */
export function cutOff(connection: Pick<Connection, 'transport'>, sayGoodbye: () => void): void {
  const websocket = websocketOf(connection);
  websocket?.pause();
  sayGoodbye();
  websocket?.removeAllListeners('message');
  if (websocket) setTimeout(() => websocket.terminate(), GOODBYE_MS).unref();
}
