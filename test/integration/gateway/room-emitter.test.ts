import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import type { RoomEvent } from '../../../src/contract/events.js';
import { RoomEmitter } from '../../../src/gateway/rooms/room-emitter.js';
import type { ParleyServer, ParleySocket } from '../../../src/gateway/types.js';

const delta = (seq: number, text: string): RoomEvent => ({
  name: 'message:delta',
  payload: { conversation_id: 1, message_id: 2, attempt: 1, seq, text },
});

describe('Rooms of a node', () => {
  let io: ParleyServer;
  let rooms: RoomEmitter;
  let url: string;
  const devices: Socket[] = [];

  beforeEach(async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    io = new Server(http);
    rooms = new RoomEmitter(io);
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const device of devices.splice(0)) device.disconnect();
    await io.close();
  });

  /** A device, with its socket on the node. */
  const join = async (transport: 'websocket' | 'polling', room: string) => {
    const device = connect(url, { transports: [transport], forceNew: true });
    devices.push(device);
    const [socket] = (await once(io, 'connection')) as [ParleySocket];
    await socket.join(room);
    const seen: unknown[] = [];
    device.onAny((name: string, payload: unknown) => seen.push([name, payload]));
    /** Resolves when everything sent earlier has arrived. */
    const caughtUp = () => {
      const last = once(device as never, 'server:draining');
      socket.emit('server:draining', { reconnect_within_ms: 0 });
      return last;
    };
    return { socket, seen, caughtUp };
  };

  for (const transport of ['websocket', 'polling'] as const) {
    it(`carry texts of every length and script by ${transport}, character for character`, async () => {
      const { seen, caughtUp } = await join(transport, 'a');
      const lengths = [0, 1, 24, 25, 26, 27, 124, 125, 126, 65_400, 65_535, 65_536, 70_000];
      const texts = [...lengths.map((length) => 'x'.repeat(length)), '你好 🌍'.repeat(20_000)];
      const sent = texts.map((text, i) => delta(i + 1, text));
      for (const event of sent) rooms.emit('a', event);
      await caughtUp();
      expect(seen.slice(0, -1)).to.deep.equal(sent.map(({ name, payload }) => [name, payload]));
    });
  }

  it('reach those who are in them, each once, and nobody else', async () => {
    const [one, two, other] = [
      await join('websocket', 'a'),
      await join('polling', 'a'),
      await join('websocket', 'b'),
    ];
    rooms.emit('a', delta(1, 'x'));
    rooms.emit('nowhere', delta(2, 'y'));
    await Promise.all([one.caughtUp(), two.caughtUp(), other.caughtUp()]);
    expect([one, two, other].map(({ seen }) => seen.length - 1)).to.deep.equal([1, 1, 0]);
  });

  it('keep the order with what a socket is sent alone', async () => {
    const { socket, seen, caughtUp } = await join('websocket', 'a');
    rooms.emit('a', delta(1, 'x'));
    socket.emit('server:resync', {});
    rooms.emit('a', delta(2, 'y'));
    await caughtUp();
    const names = ['message:delta', 'server:resync', 'message:delta', 'server:draining'];
    expect(seen.map((one) => Object(one)[0])).to.deep.equal(names);
  });
});
