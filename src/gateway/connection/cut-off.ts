import { type Connection, websocketOf } from '../engine-io.js';

/** A goodbye can leave in this time. */
const GOODBYE_MS = 1_000;

/** Says goodbye and ends the connection. Further input is not read, and no reply is awaited. */
export function cutOff(connection: Pick<Connection, 'transport'>, sayGoodbye: () => void): void {
  const websocket = websocketOf(connection);
  websocket?.pause();
  sayGoodbye();
  websocket?.removeAllListeners('message');
  if (websocket) setTimeout(() => websocket.terminate(), GOODBYE_MS).unref();
}
