import type { EventEmitter } from 'node:events';

/** Does it after so many ms, at once if there are none, and not at all when the connection has ended by then. */
export function later(connection: EventEmitter, ms: number, work: () => void): void {
  if (ms <= 0) {
    work();
    return;
  }
  // An error that nobody hears of would end the node.
  const ignore = () => {};
  const stop = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    connection.off('error', ignore).off('close', stop);
    work();
  }, ms).unref();
  connection.on('error', ignore).once('close', stop);
}
