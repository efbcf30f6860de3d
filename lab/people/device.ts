import { io, type Socket } from 'socket.io-client';
import type {
  Ack,
  AckData,
  Answered,
  ClientEventName,
  ClientPayload,
  ServerEvents,
} from '../../src/contract/events.js';

type ServerEventName = keyof ServerEvents;
export type Received = {
  [E in ServerEventName]: { name: E; payload: ServerEvents[E] };
}[ServerEventName];

/** Tests that ask by mention look at the replies; in all others every message is answered. */
type Asked<E extends ClientEventName, P> = P extends { answer: false }
  ? AckData<E>
  : Answered<AckData<E>>;

/** A plain Socket.IO client without any of Parley's own client code, so that tests see the wire itself. */
export class Device {
  readonly socket: Socket;
  /** All events from the server, in order. */
  readonly received: Received[] = [];
  #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((name: string, payload: unknown) => {
      this.received.push({ name, payload } as Received);
      for (const look of this.#waiting) look();
    });
  }

  /** Sends an event, and returns its ack, positive or not. */
  async emit<E extends ClientEventName>(
    name: E,
    payload: ClientPayload<E>,
  ): Promise<Ack<AckData<E>>> {
    return this.socket.emitWithAck(name, payload);
  }

  /** Returns the data of a positive ack. */
  async ask<E extends ClientEventName, const P extends ClientPayload<E>>(
    name: E,
    payload: P,
  ): Promise<Asked<E, P>> {
    const ack = await this.emit(name, payload);
    if (!ack.ok)
      throw new Error(`${name}: ${ack.error.code} ${JSON.stringify(ack.error.details ?? '')}`);
    return ack.data as Asked<E, P>;
  }

  all<E extends ServerEventName>(name: E): ServerEvents[E][] {
    return this.received.flatMap((event) =>
      event.name === name ? [event.payload as ServerEvents[E]] : [],
    );
  }

  /** The first event with that name that fits, past or future. mocha's time-out is the deadline. */
  until<E extends ServerEventName>(
    name: E,
    fits: (payload: ServerEvents[E]) => boolean = () => true,
  ): Promise<ServerEvents[E]> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.all(name).find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The end of an answer. */
  ended(messageId: number) {
    return this.until('message:completed', (end) => end.message_id === messageId);
  }

  /** The text of one attempt's deltas, checked to be without gaps, repetitions or disorder. */
  text(messageId: number, attempt = 1, from = 0): string {
    const deltas = this.all('message:delta').filter(
      (d) => d.message_id === messageId && d.attempt === attempt && d.seq > from,
    );
    deltas.forEach((d, i) => {
      if (d.seq !== from + i + 1) throw new Error(`delta ${d.seq} where ${from + i + 1} was due`);
    });
    return deltas.map((d) => d.text).join('');
  }

  /** Stops reading from the network, as a phone in a tunnel does. The connection stays. */
  pause(): void {
    this.#websocket().pause();
  }

  resume(): void {
    this.#websocket().resume();
  }

  close(): void {
    this.socket.close();
  }

  #websocket(): { pause(): void; resume(): void } {
    return Reflect.get(this.socket.io.engine.transport, 'ws');
  }
}

interface DeviceOptions {
  token?: string;
  /** The value of `auth` instead of a token: anything that a client may send. */
  auth?: object;
  headers?: Record<string, string>;
  transports?: string[];
}

/** Connects without reconnection, and waits for the welcome. @throws the `connect_error` */
export async function openDevice(url: string, options: DeviceOptions): Promise<Device> {
  const device = new Device(
    io(url, {
      auth: options.auth ?? (options.token === undefined ? {} : { token: options.token }),
      transports: options.transports ?? ['websocket'],
      reconnection: false,
      forceNew: true,
      ...(options.headers && { extraHeaders: options.headers }),
    }),
  );
  const refused = new Promise<never>((_, reject) => device.socket.once('connect_error', reject));
  await Promise.race([device.until('server:hello'), refused]);
  return device;
}
