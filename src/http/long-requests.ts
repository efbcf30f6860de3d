import type { IncomingMessage, Server } from 'node:http';

/** Marks the socket of a request that may take longer than others. */
const LONG = Symbol('long request');

export interface LongTimes {
  totalMs: number;
  /** Nothing has come for so long, or for up to twice as long. */
  idleMs: number;
}

/** Lets the request take its own time to arrive, until it is released. A sender that takes longer is cut off. */
export function takesLong(req: IncomingMessage, { totalMs, idleMs }: LongTimes): () => void {
  const { socket } = req;
  let bytes = socket.bytesRead;
  const total = setTimeout(() => req.destroy(), totalMs);
  const idle = setInterval(() => {
    if (socket.bytesRead === bytes) req.destroy();
    bytes = socket.bytesRead;
  }, idleMs);
  Reflect.set(socket, LONG, true);
  return () => {
    clearTimeout(total);
    clearInterval(idle);
    Reflect.deleteProperty(socket, LONG);
  };
}

/** Keeps the time limit of all other requests: Node itself responds to errors that no listener takes. */
export function allowLongRequests(server: Server): void {
  const emit = server.emit.bind(server);
  const isLong = (error: unknown, socket: unknown): boolean =>
    Object(error).code === 'ERR_HTTP_REQUEST_TIMEOUT' && Reflect.get(Object(socket), LONG) === true;
  server.emit = (event: string, ...args: unknown[]): boolean =>
    (event === 'clientError' && isLong(args[0], args[1])) || emit(event, ...args);
}
