import { WebSocket } from 'ws';

/** A minimal Socket.IO client, so that thousands fit beside the measured process. */
export interface RawSocket {
  call(name: string, payload: object): Promise<unknown>;
  /** Number of event packets received so far. */
  events: number;
  /** Received bytes of frame payloads. */
  bytes: number;
  /** Returns a function that removes the listener. */
  onEvent(listener: (packet: string) => void): () => void;
  close(): void;
}

const ACK = /^43(\d+)/;

/** Resolves when the server has accepted the socket. */
export async function openRaw(url: string, token?: string): Promise<RawSocket> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  const acks = new Map<string, (data: unknown) => void>();
  const listeners = new Set<(packet: string) => void>();
  let calls = 0;
  let accepted = () => {};
  let refused: (error: Error) => void = () => {};

  const raw: RawSocket = {
    events: 0,
    bytes: 0,
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    call(name, payload) {
      calls += 1;
      const id = String(calls);
      ws.send(`42${id}${JSON.stringify([name, payload])}`);
      return new Promise((resolve) => acks.set(id, resolve));
    },
    close: () => ws.terminate(),
  };

  const take = (packet: string) => {
    if (packet.startsWith('42')) {
      raw.events += 1;
      for (const listener of listeners) listener(packet);
    } else if (packet.startsWith('43')) {
      const id = ACK.exec(packet)?.[1] ?? '';
      acks.get(id)?.(JSON.parse(packet.slice(2 + id.length))[0]);
      acks.delete(id);
    } else if (packet === '2') ws.send('3');
    else if (packet.startsWith('0')) ws.send(`40${token ? JSON.stringify({ token }) : ''}`);
    else if (packet.startsWith('40')) accepted();
    else if (packet.startsWith('44')) refused(new Error(packet));
  };

  await new Promise<void>((resolve, reject) => {
    accepted = resolve;
    refused = reject;
    ws.on('message', (data: Buffer) => {
      raw.bytes += data.length;
      take(data.toString());
    });
    ws.on('error', reject);
  });
  return raw;
}
