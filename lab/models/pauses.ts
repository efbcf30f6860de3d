import type { Device } from '../people/device.js';

/**
 * Watches an answer on the wire. Returns the longest time without a delta so far, in ms, including the time since the
 * last.
 */
export function watchPauses({ socket }: Device, messageId: number): () => number {
  const deltasAt: number[] = [];
  socket.on('message:delta', (delta: { message_id: number }) => {
    if (delta.message_id === messageId) deltasAt.push(performance.now());
  });
  return () => {
    const times = [...deltasAt, performance.now()];
    return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)));
  };
}
