import type { ServerResponse } from 'node:http';

/** Calls `listener` once when nothing can be sent any more: at once if the client has already left. */
export function onClosed(response: ServerResponse, listener: () => void): void {
  if (response.destroyed) listener();
  else response.once('close', listener);
}
