import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { putBefore } from './put-before.js';

/**
 * Begins each pipelined request only after the responses before it have left. Its response could not leave earlier
 * anyway (RFC 9112, 9.3.2), and responses would pile up here for a client that does not read.
 */
export function serveOneByOne(server: Server): void {
  putBefore(server, 'request', (letIn, _: IncomingMessage, response: ServerResponse) => {
    if (response.socket) {
      letIn();
      return;
    }
    response.once('socket', () => {
      // The time-out of the socket still belongs to the response before.
      response.socket?.setTimeout(0);
      letIn();
    });
  });
}
