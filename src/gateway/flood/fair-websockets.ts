import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** Gives each frame a turn of the event loop, so that a client that sends many at once does not delay the others. */
export class FairWebSocketServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, allowSynchronousEvents: false });
  }

  /** Packets written within a promise or two, as Engine.IO does, leave together with the response to the upgrade. */
  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (client: WebSocket, request: IncomingMessage) => void,
  ): void {
    socket.cork();
    super.handleUpgrade(request, socket, head, callback);
    setImmediate(() => socket.uncork());
  }
}
