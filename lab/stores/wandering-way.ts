import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface WanderingWay {
  url: string;
  /** Destroys the current connections in the middle of the data. */
  tear(): void;
  stop(): Promise<void>;
}

/** One client's route to several servers on this machine: each connection goes to the port that `choose` names. */
export async function openWanderingWay(choose: () => number): Promise<WanderingWay> {
  const open = new Set<Socket>();
  const tear = () => {
    for (const socket of open) socket.destroy();
  };
  const listener = createServer((client) => {
    const server = connect(choose(), '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    tear,
    async stop() {
      tear();
      listener.close();
      await once(listener, 'close');
    },
  };
}
