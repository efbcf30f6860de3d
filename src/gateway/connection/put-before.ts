import type { Server } from 'node:http';

/** The present listeners of the event run only when `judge` calls `letIn`. */
export function putBefore<A extends unknown[]>(
  server: Server,
  event: 'request' | 'upgrade',
  judge: (letIn: () => void, ...args: A) => void,
): void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (...args: unknown[]) => {
    const letIn = () => {
      for (const listener of listeners) Reflect.apply(listener, server, args);
    };
    judge(letIn, ...(args as A));
  });
}
