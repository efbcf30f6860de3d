import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** Of frames that arrive together each gets a turn of the event loop, so that whoever sends many keeps nobody waiting. */
export class FairWebSocketServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, allowSynchronousEvents: false });
  }

  /** What is said soon, as Engine.IO does after a promise or two, goes out together with the answer to the upgrade. */
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
