import { request } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

export interface Attack {
  url: string;
  /** A token of an account that nobody else uses. */
  token: string;
  /** Make the attack seem to come from another address. */
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Counts the packets that were sent, refused and cut off. */
  count(what: 'sent' | 'refused' | 'dropped'): void;
}

const BATCH = 200;
const BIG = 200_000;
const LOGIN_BODY = JSON.stringify({ email: 'nobody@example.com', password: 'x'.repeat(60_000) });

/** Emits as fast as it can, and reconnects whenever it is dropped. */
async function emitAll({ url, token, headers, signal, count }: Attack, name: string, of: unknown) {
  while (!signal.aborted) {
    const options = { reconnection: false, forceNew: true, transports: ['websocket'] };
    const socket = io(url, { ...options, auth: { token }, extraHeaders: headers });
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve).once('connect_error', () => resolve());
    });
    if (!socket.connected) count('refused');
    while (socket.connected && !signal.aborted) {
      for (let i = 0; i < BATCH; i++) {
        socket.emit(name, of, (ack: { ok: boolean }) => ack.ok || count('refused'));
        count('sent');
      }
      await turn();
    }
    if (!signal.aborted) count('dropped');
    socket.close();
  }
}

/** Opens bare connections, and sends one frame again and again. */
async function sendAll({ url, headers, signal, count }: Attack, frame: string, batch: number) {
  while (!signal.aborted) {
    const path = '/socket.io/?EIO=4&transport=websocket';
    const socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
    socket.on('error', () => count('refused'));
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await Promise.race([new Promise((resolve) => socket.once('open', resolve)), closed]);
    while (socket.readyState === WebSocket.OPEN && !signal.aborted) {
      for (let i = 0; i < batch; i++) socket.send(frame, () => {});
      count('sent');
      await turn();
    }
    socket.terminate();
    await closed;
    count('dropped');
  }
}

function post({ url, headers, count }: Attack, path: string, body: string): Promise<void> {
  return new Promise((resolve) => {
    const call = request(url + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    call.on('response', (response) => {
      if (response.statusCode === 429) count('refused');
      response.resume().on('end', resolve);
    });
    call.on('error', () => resolve());
    call.end(body);
    count('sent');
  });
}

/** Opens one connection after another without authenticating. */
async function connectAll(attack: Attack) {
  while (!attack.signal.aborted) await post(attack, '/socket.io/?EIO=4&transport=polling', '');
}

async function postAll(attack: Attack) {
  const one = async () => {
    while (!attack.signal.aborted) await post(attack, '/auth/login', LOGIN_BODY);
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

/** All kinds of floods that one client can send to a node. */
export const FLOODS: Readonly<Record<string, (attack: Attack) => Promise<void>>> = {
  'unknown events': (attack) => emitAll(attack, 'no:such:event', {}),
  messages: (attack) => emitAll(attack, 'message:send', { client_id: 'same', content: 'q' }),
  rooms: (attack) => emitAll(attack, 'conversation:open', { conversation_id: 1 }),
  'large payloads': (attack) => sendAll(attack, `42["x","${'x'.repeat(BIG)}"]`, 1),
  frames: (attack) => sendAll(attack, '3', BATCH),
  connections: connectAll,
  requests: postAll,
};
