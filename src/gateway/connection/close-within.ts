import type { ParleySocket } from '../types.js';

/** Time that a closing socket gets to send its backlog. */
const CUT_AFTER_MS = 500;

/** Closes at a random moment. A socket that does not read would never finish closing, so it is cut off in the end. */
export function closeWithin(socket: ParleySocket, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timers = [
      setTimeout(() => socket.conn.close(), Math.random() * withinMs),
      setTimeout(() => socket.conn.close(true), withinMs + CUT_AFTER_MS),
    ];
    socket.once('disconnect', () => {
      for (const timer of timers) clearTimeout(timer);
      resolve();
    });
  });
}
