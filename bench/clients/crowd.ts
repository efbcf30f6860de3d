import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { registerAt } from '../../lab/people/rest.js';
import { openRaw, type RawSocket } from './raw-socket.js';
import { serveCommands } from './serve-commands.js';

/** Many sockets of few users, for the benches of sockets and rooms. */
const AT_ONCE = 100;
const USERS = 20;
const sockets: RawSocket[] = [];
const tokens: string[] = [];
let conversationId = 0;
let questions = 0;
let answerId = 0;

interface Opened {
  conversation: { id: number };
}
interface Sent {
  assistant_message: { id: number };
}
interface Live {
  live: { text: string }[];
}
type Ack<T> = { ok: true; data: T } | { ok: false; error: { code: string } };

/** A refusal must not count as speed. */
async function call<T>(socket: RawSocket | undefined, name: string, payload: object): Promise<T> {
  const ack = (await socket?.call(name, payload)) as Ack<T> | undefined;
  if (!ack?.ok) throw new Error(`${name}: ${ack?.error.code}`);
  return ack.data;
}

async function inTurns<T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      const i = begun;
      begun += 1;
      done[i] = await work(i);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
}

function first(): RawSocket {
  const [socket] = sockets;
  if (!socket) throw new Error('no socket');
  return socket;
}

async function send(asks: RawSocket): Promise<void> {
  questions += 1;
  const question = { client_id: `crowd-${process.pid}-${questions}`, content: 'q' };
  const payload = { ...question, conversation_id: conversationId };
  const sent = await call<Sent>(asks, 'message:send', payload);
  answerId = sent.assistant_message.id;
}

/** Catches up as a reader that has seen only the first delta. */
async function catchUp(socket: RawSocket): Promise<string> {
  const cursors = [{ message_id: answerId, attempt: 1, seq: 1 }];
  const payload = { conversation_id: conversationId, cursors };
  const opened = await call<Live>(socket, 'conversation:open', payload);
  return opened.live[0]?.text ?? '';
}

const tokenOf = (i: number) => tokens[i % tokens.length];

serveCommands({
  /** Registers users. Sockets carry no token if there are none. */
  async register({ url, users = USERS }: { url: string; users?: number }) {
    for (let i = 0; i < users; i++) {
      tokens.push((await registerAt(url, `crowd${process.pid}x${i}`)).token);
    }
  },

  /** The same for a server without accounts that only checks signatures. */
  sign({ secret, users = USERS }: { secret: string; users?: number }) {
    const claims = {
      username: 'crowd',
      roles: ['user'],
      sid: randomUUID(),
      gen: 1,
      type: 'access',
    };
    for (let i = 0; i < users; i++) {
      tokens.push(jwt.sign({ ...claims, sub: String(i) }, secret, { expiresIn: '1h' }));
    }
  },

  /** Resolves to accepted sockets per second. */
  async connect({ url, count }: { url: string; count: number }) {
    const begun = performance.now();
    sockets.push(...(await inTurns(count, (i) => openRaw(url, tokenOf(i)))));
    return (count * 1_000) / (performance.now() - begun);
  },

  /** Each socket opens its own conversation. */
  async openOwn() {
    await inTurns(sockets.length, async (i) => {
      const { conversation } = await call<Opened>(sockets[i], 'conversation:create', {});
      await call(sockets[i], 'conversation:open', { conversation_id: conversation.id });
    });
  },

  /** All sockets open one conversation, which the first one creates. They must belong to one user. */
  async openOne() {
    const { conversation } = await call<Opened>(first(), 'conversation:create', {});
    conversationId = conversation.id;
    const payload = { conversation_id: conversationId };
    await inTurns(sockets.length, (i) => call(sockets[i], 'conversation:open', payload));
  },

  /** Resolves when the answer has ended for the asking socket. */
  async ask() {
    const asks = first();
    const ended = new Promise<void>((resolve) => {
      asks.onEvent((packet) => packet.startsWith('42["message:completed"') && resolve());
    });
    await send(asks);
    await ended;
  },

  /** Resolves when this much of the text has arrived. The answer continues. */
  async askUntil({ chars }: { chars: number }) {
    const asks = first();
    let length = 0;
    const long = new Promise<void>((resolve) => {
      asks.onEvent((packet) => {
        if (!packet.startsWith('42["message:delta"')) return;
        length += JSON.parse(packet.slice(2))[1].text.length;
        if (length >= chars) resolve();
      });
    });
    await send(asks);
    await long;
  },

  /**
   * All sockets lose their connection, reconnect at the same moment, and request the missing text. Resolves to the ms
   * until all have it.
   */
  async comeBack({ url, chars }: { url: string; chars: number }) {
    const count = sockets.length;
    for (const socket of sockets.splice(0)) socket.close();
    const begun = performance.now();
    const texts = await inTurns(count, async (i) => {
      const socket = await openRaw(url, tokens[0]);
      sockets[i] = socket;
      return catchUp(socket);
    });
    if (texts.some((text) => text.length < chars)) throw new Error('a reader lacks text');
    return performance.now() - begun;
  },

  /** The ms until a reader that knows the first delta has all others. */
  async resume({ chars }: { chars: number }) {
    const begun = performance.now();
    const text = await catchUp(first());
    if (text.length < chars) throw new Error('a reader lacks text');
    return performance.now() - begun;
  },

  /** The number of events that all sockets have received. */
  events: () => sockets.reduce((sum, { events }) => sum + events, 0),

  close() {
    for (const socket of sockets.splice(0)) socket.close();
  },
});
