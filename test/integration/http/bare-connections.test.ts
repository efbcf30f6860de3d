import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { RawConnection } from '../../../lab/people/raw-http.js';

const ADDRESS = 'X-Forwarded-For: 192.0.2.1';
const TUNNEL = ['CONNECT parley.example:443 HTTP/1.1', 'Host: x', '', ''].join('\r\n');
const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  ...['Host: x', 'Connection: upgrade', 'Upgrade: websocket', ADDRESS],
  ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''],
].join('\r\n');
const PLAIN = ['GET /health HTTP/1.1', 'Host: x', ADDRESS, 'Connection: close', '', ''].join(
  '\r\n',
);

/** Requests that use up the budget of an address, and those after which refusals are delayed. */
const BUDGET = 10;
const PROMPT = 100;
/** Node would keep the connections for as long as the clients do. */
const SOON_MS = 20_000;

/** What a client does after its refusal. */
const LEAVES: Record<string, (socket: Socket) => void> = {
  'stays for ever': () => {},
  'sends some bytes and half-closes': (socket) => void socket.end('bytes'),
  'sends some bytes and goes': (socket) => void socket.write('bytes', () => socket.destroy()),
};

describe('A connection without Node’s listeners', () => {
  let app: TestApp;
  const clients: Socket[] = [];
  /** The node's side of the connections that the clients have open. */
  const open = new Set<Socket>();
  const accepted = channel('net.server.socket');
  const note = (message: unknown) => {
    const { socket }: { socket: Socket } = Object(message);
    if (socket.localPort !== Number(new URL(app.url).port)) return;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  };

  const start = async () => {
    app = await startApp({ TRUST_PROXY: 'true', ADDRESS_REQUESTS_PER_SECOND: '1' });
    accepted.subscribe(note);
  };
  afterEach(async () => {
    accepted.unsubscribe(note);
    for (const client of clients.splice(0)) client.destroy();
    await app?.stop();
    open.clear();
  });

  /** A client that does not close when the node does. */
  const ask = async (request: string): Promise<{ socket: Socket; status: number }> => {
    const { port, hostname } = new URL(app.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    clients.push(socket.on('error', () => {}));
    socket.write(request);
    const [head] = await once(socket, 'data');
    return { socket, status: Number(String(head).split(' ')[1]) };
  };

  const askMany = (count: number) => Promise.all(Array.from({ length: count }, () => ask(PLAIN)));

  /** An upgrade is let in if the budget has grown meanwhile. */
  const refusedUpgrade = async (): Promise<Socket> => {
    const { socket, status } = await ask(UPGRADE);
    if (status === 429) return socket;
    socket.destroy();
    return refusedUpgrade();
  };

  const allGone = () =>
    eventually(
      () => open.size,
      (size) => size === 0,
      SOON_MS,
    );

  for (const [leave, go] of Object.entries(LEAVES)) {
    it(`ends when its upgrade was refused and the client ${leave}`, async () => {
      await start();
      await askMany(BUDGET);
      go(await refusedUpgrade());
      await allGone();
    });

    it(`ends when the refusal was delayed and the client ${leave}`, async () => {
      await start();
      await askMany(BUDGET + PROMPT);
      go(await refusedUpgrade());
      await allGone();
    });

    it(`ends when it was to be a tunnel and the client ${leave}`, async () => {
      await start();
      const { socket, status } = await ask(TUNNEL);
      expect(status).to.equal(404);
      go(socket);
      await allGone();
    });
  }

  it('gets its response after those that were asked for before, though it was to be a tunnel', async () => {
    await start();
    const connection = new RawConnection(app.url);
    connection.send('GET /health/ready HTTP/1.1', 'Host: x', '', TUNNEL);
    expect((await connection.answer()).status).to.equal(200);
    expect((await connection.answer()).status).to.equal(404);
    await connection.closed();
  });
});
