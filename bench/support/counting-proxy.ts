import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

export interface CountingProxy {
  url: string;
  /** Bytes that the server has sent so far, as on the wire. */
  bytes(): number;
  stop(): Promise<void>;
}

/** A connection to a server that counts its output. `watch` creates an observer of all output for each connection. */
export async function startCountingProxy(
  target: string,
  watch: () => (data: Buffer) => void = () => () => {},
): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  let bytes = 0;
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname);
    const see = watch();
    server.on('data', (data) => {
      bytes += data.length;
      see(data);
    });
    server.pipe(client).pipe(server);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    bytes: () => bytes,
    async stop() {
      listener.close();
    },
  };
}
