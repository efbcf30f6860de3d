import type { ParleySocket } from '../types.js';

/** Sends of one device are stored in the order in which they came: each begins when the one before it has ended. */
export function inOrder<T>({ data }: ParleySocket, send: () => Promise<T>): Promise<T> {
  const sent = data.lastSend ? data.lastSend.then(send, send) : send();
  data.lastSend = sent.catch(() => {});
  return sent;
}
