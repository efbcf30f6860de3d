import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { putBefore } from '../flood/put-before.js';

/**
 * Of requests that come one behind the other on a connection, each is begun when the answers before it have left: it
 * could not be answered earlier anyway (RFC 9112, 9.3.2), and all the answers would wait here for a client that does not read.
 */
export function answerOneByOne(server: Server): void {
  putBefore(server, 'request', (letIn, _: IncomingMessage, response: ServerResponse) => {
    if (response.socket) {
      letIn();
      return;
    }
    response.once('socket', () => {
      // The time in which an answer is to be read was that of the one before.
      response.socket?.setTimeout(0);
      letIn();
    });
  });
}
