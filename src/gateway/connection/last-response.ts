import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/** Time that a peer gets to take the response. */
const CUT_AFTER_MS = 1_000;

/**
 * Ends a bare connection, after an upgrade or `CONNECT` request, with `response` as its last bytes. Node then has no
 * listener and no time-out on it any more: an error would end the node, and a peer that never closes, or sends bytes
 * that nobody reads, would keep the connection for ever.
 */
export function endWith(socket: Duplex, response = ''): void {
  const destroy = () => void socket.destroy();
  const timer = setTimeout(destroy, CUT_AFTER_MS).unref();
  socket.once('finish', destroy).once('close', () => clearTimeout(timer));
  ignoreErrors(socket);
  socket.end(response);
}

/** An error without a listener would end the node. Returns a function that ends this. */
export function ignoreErrors(connection: EventEmitter): () => void {
  const ignore = () => {};
  connection.on('error', ignore);
  return () => void connection.off('error', ignore);
}
