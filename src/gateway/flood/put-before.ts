import type { Server } from 'node:http';

/** Whatever listens to the event so far hears only of what is let in, when `letIn` is called. */
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
