import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { messageOf, RedisFrames } from './redis-frames.js';

export interface TcpProxy {
  port: number;
  /** Drops all connections and refuses new ones. */
  cut(): void;
  /** Holds back the server's output to connections that `fits`, as a dead link would. Their requests still arrive. */
  mute(fits: (link: Link) => boolean): void;
  /** Drops messages of a Redis to subscribers that `fits`. */
  lose(fits: (message: Published) => boolean): void;
  /** Holds them back. Others overtake them. */
  delay(fits: (message: Published) => boolean): void;
  /** Leads to another server. Connections to the one before are dropped. */
  lead(port: number): void;
  /** Undoes `cut`, `mute`, `lose` and `delay`. Output that was held back is passed on. */
  heal(): void;
  stop(): Promise<void>;
}

export interface Published {
  channel: string;
  text: string;
}

export interface Link {
  /** Whether the client has requested a subscription. */
  subscribes: boolean;
  /** Whether it subscribes to patterns, as the Socket.IO adapter does. */
  toPatterns: boolean;
  /** When it was opened, by `performance.now()`. */
  since: number;
}

interface Wire extends Link {
  client: Socket;
  server: Socket;
  held: Buffer[];
  frames: RedisFrames;
}

/** A connection to a server on this machine that a test can break for one node alone. */
export async function startTcpProxy(target: number, speaksRedis = false): Promise<TcpProxy> {
  let port = target;
  const wires = new Set<Wire>();
  let isCut = false;
  let isMuted: (link: Link) => boolean = () => false;
  let isLost: (message: Published) => boolean = () => false;
  let isLate: (message: Published) => boolean = () => false;

  const passed = (wire: Wire, data: Buffer): Buffer => {
    if (!speaksRedis) return data;
    const kept = wire.frames.take(data).filter((frame) => {
      const message = wire.subscribes ? messageOf(frame) : null;
      if (!message) return true;
      if (isLost(message)) return false;
      const late = isLate(message);
      if (late) wire.held.push(frame);
      return !late;
    });
    return Buffer.concat(kept);
  };

  const drop = (wire: Wire) => {
    wires.delete(wire);
    wire.client.destroy();
    wire.server.destroy();
  };

  const open = (client: Socket) => {
    const server = connect(port, '127.0.0.1');
    const since = performance.now();
    const frames = new RedisFrames();
    const link: Link = { subscribes: false, toPatterns: false, since };
    const wire: Wire = { ...link, client, server, held: [], frames };
    wires.add(wire);
    client.on('data', (data) => {
      wire.subscribes ||= data.includes('subscribe') || data.includes('LISTEN "');
      wire.toPatterns ||= data.includes('psubscribe');
      wire.server.write(data);
    });
    wire.server.on('data', (data) => {
      const told = passed(wire, data);
      if (isMuted(wire)) wire.held.push(told);
      else if (told.length > 0) client.write(told);
    });
    for (const socket of [client, wire.server]) {
      socket.on('error', () => drop(wire)).on('close', () => drop(wire));
    }
  };

  const listener = createServer((client) => (isCut ? client.destroy() : open(client)));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');

  return {
    port: address.port,
    cut() {
      isCut = true;
      for (const wire of wires) drop(wire);
    },
    mute(fits) {
      isMuted = fits;
    },
    lose(fits) {
      isLost = fits;
    },
    delay(fits) {
      isLate = fits;
    },
    lead(to) {
      port = to;
      for (const wire of wires) drop(wire);
    },
    heal() {
      isCut = false;
      isMuted = () => false;
      isLost = () => false;
      isLate = () => false;
      for (const { client, held } of wires) for (const data of held.splice(0)) client.write(data);
    },
    async stop() {
      for (const wire of wires) drop(wire);
      listener.close();
      await once(listener, 'close');
    },
  };
}
