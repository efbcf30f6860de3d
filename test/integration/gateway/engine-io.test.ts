import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket as TcpSocket } from 'node:net';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { eventually } from '../../../lab/eventually.js';
import {
  addToFlush,
  encoded,
  heldPackets,
  isWritable,
  knownQuery,
  releaseRequest,
  replaceRequest,
  setQuery,
  sizeOf,
  watchPolls,
  websocketOf,
  writeEncoded,
} from '../../../src/gateway/engine-io.js';
import type { ParleyServer, ParleySocket } from '../../../src/gateway/types.js';

const HELLO = '2["hello",{"n":1}]';
/** A text frame of RFC 6455 with `4`, an Engine.IO message, before the packet. */
const frame = (packet: string) =>
  Buffer.concat([Buffer.from([0x81, packet.length + 1]), Buffer.from(`4${packet}`)]);

/** Properties that every version of Engine.IO and ws must have. */
describe('Of Engine.IO and ws', () => {
  let io: ParleyServer;
  let url: string;
  const devices: Socket[] = [];

  beforeEach(async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    io = new Server(http, { perMessageDeflate: false });
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const device of devices.splice(0)) device.disconnect();
    await io.close();
  });

  const open = async (transport: 'websocket' | 'polling') => {
    const device = connect(url, { transports: [transport], forceNew: true });
    devices.push(device);
    const [socket] = (await once(io, 'connection')) as [ParleySocket];
    await eventually(() => device.connected, Boolean);
    return { device, socket, conn: socket.conn };
  };
  const heard = (device: Socket, name: string) =>
    new Promise<unknown>((resolve) => device.once(name, resolve));

  it('the websocket of a connection can be paused and terminated; polling has none', async () => {
    const { device, conn } = await open('websocket');
    const websocket = websocketOf(conn);
    expect(websocket?.bufferedAmount).to.equal(0);
    expect(websocket?.pause).to.be.a('function');
    const gone = new Promise((resolve) => device.once('disconnect', resolve));
    websocket?.terminate();
    await gone;
    expect(websocketOf((await open('polling')).conn)).to.equal(null);
  });

  it('a websocket says `ping` and `message`, which can be unheard', async () => {
    const { device, socket, conn } = await open('websocket');
    const events: string[] = [];
    socket.onAny((name: string) => events.push(name));
    websocketOf(conn)?.removeAllListeners('message');
    const message = once(websocketOf(conn) ?? socket, 'message');
    device.emit('lost');
    await message;
    expect(events).to.deep.equal([]);
  });

  it('what is written during a write is held, and its size can be told', async () => {
    const { device, conn } = await open('websocket');
    const all = new Promise<void>((resolve) => device.on('last', resolve));
    expect(isWritable(conn)).to.equal(true);
    conn.write('2["first"]');
    expect(isWritable(conn)).to.equal(false);
    conn.write('2["more"]');
    conn.write('2["last"]');
    expect(heldPackets(conn)).to.deep.equal({ packets: 2, size: 18 });
    await all;
    await eventually(() => isWritable(conn), Boolean);
    expect(heldPackets(conn)).to.deep.equal({ packets: 0, size: 0 });
  });

  it('what a websocket has not sent counts as buffered', async () => {
    const { device, conn } = await open('websocket');
    const { ws } = device.io.engine.transport as unknown as {
      ws: { pause(): void; resume(): void };
    };
    ws.pause();
    const big = `2["big","${'x'.repeat(1_000_000)}"]`;
    await eventually(
      () => {
        if (isWritable(conn)) conn.write(big);
        return websocketOf(conn)?.bufferedAmount ?? 0;
      },
      (amount) => amount > 0,
    );
    ws.resume();
  });

  it('each response that answers a poll is seen when it is flushed', async () => {
    const { device, conn } = await open('polling');
    const responses: ServerResponse[] = [];
    watchPolls(conn, (response) => responses.push(response));
    const hello = heard(device, 'hello');
    await eventually(() => isWritable(conn), Boolean);
    conn.write(HELLO);
    expect(await hello).to.deep.equal({ n: 1 });
    expect(responses).to.have.length(1);
    expect(responses[0]).to.be.instanceOf(ServerResponse);
  });

  for (const transport of ['websocket', 'polling'] as const) {
    it(`a packet that is encoded once arrives by ${transport}`, async () => {
      const { device, conn } = await open(transport);
      const hello = heard(device, 'hello');
      writeEncoded(conn, encoded(HELLO, frame(HELLO)));
      expect(await hello).to.deep.equal({ n: 1 });
    });
  }

  it('a whole frame goes out as it is', async () => {
    const { device, conn } = await open('websocket');
    const other = heard(device, 'other');
    writeEncoded(conn, encoded(HELLO, frame('2["other",{"n":2}]')));
    expect(await other).to.deep.equal({ n: 2 });
  });

  it('a packet can be added to the flush of another, behind it and once', async () => {
    const { device, conn } = await open('websocket');
    const names: string[] = [];
    device.onAny((name: string) => names.push(name));
    let added = 0;
    const isFirst = (data: unknown) => String(data).includes('first');
    addToFlush(conn, encoded(HELLO, frame(HELLO)), isFirst, () => {
      added += 1;
    });
    const last = heard(device, 'last');
    await eventually(() => isWritable(conn), Boolean);
    conn.write('2["before"]');
    conn.write('2["first"]');
    conn.write('2["first"]');
    conn.write('2["last"]');
    await last;
    expect(names.filter((name) => name === 'hello')).to.have.length(1);
    expect(names.indexOf('hello')).to.be.above(names.indexOf('first'));
    expect(added).to.equal(1);
  });

  it('the request of a connection can be replaced', async () => {
    const { conn } = await open('websocket');
    const kept = { headers: {} };
    replaceRequest(conn, kept);
    expect(conn.request).to.equal(kept);
  });

  it('the stub response of an upgrade lets go of its request', async () => {
    const released: unknown[] = [];
    io.engine.use(({ headers }: IncomingMessage, response: ServerResponse, next: () => void) => {
      if (headers.upgrade !== undefined) {
        releaseRequest(response);
        released.push(response.req);
      }
      next();
    });
    await open('websocket');
    expect(released).to.deep.equal([null]);
  });

  it('a query that was set is the one that counts', async () => {
    io.engine.use((request: IncomingMessage, _: ServerResponse, next: () => void) => {
      expect(knownQuery(request)).to.include({ transport: 'websocket' });
      next();
    });
    const { conn } = await open('websocket');
    expect(Reflect.get(conn.request, '_query')).to.include({ EIO: '4' });
    const request = new IncomingMessage(new TcpSocket());
    expect(knownQuery(request)).to.equal(undefined);
    setQuery(request, { transport: 'nonsense' });
    expect(knownQuery(request)).to.deep.equal({ transport: 'nonsense' });
    const code = new Promise<unknown>((resolve) => {
      const verify: unknown = Reflect.get(io.engine, 'verify');
      if (typeof verify === 'function') verify.call(io.engine, request, false, resolve);
    });
    expect(await code).to.equal(0);
  });

  it('sizes are of characters and of bytes', () => {
    const sizes = ['ä', Buffer.from('ä'), undefined, { data: 1 }].map(sizeOf);
    expect(sizes).to.deep.equal([1, 2, 0, 0]);
  });
});
