import { type ServerOptions, WebSocketServer } from 'ws';

/** Of frames that arrive together each gets a turn of the event loop, so that whoever sends many keeps nobody waiting. */
export class FairWebSocketServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, allowSynchronousEvents: false });
  }
}
