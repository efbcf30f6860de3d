import { io, type Socket } from 'socket.io-client';
import type { Ack, AckData, ClientEventName, ClientPayload } from '../../src/contract/events.js';
import { registerAt } from '../../test/support/rest.js';
import { packetsOf, type ReaderResult, serveReaders } from './reader-process.js';

/** One user with one question at a time: asks at one node, reads at the same or another. */
interface Person {
  asks: Socket;
  reads: Socket;
}

const BATCH = 50;
const people: Person[] = [];
let questions = 0;

/** Node where questions are asked when that is not where answers are read. */
const askUrl = process.env.ASK_URL;

async function connect(url: string, token: string): Promise<Socket> {
  const socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('server:hello', () => resolve()).once('connect_error', reject);
  });
  return socket;
}

async function call<E extends ClientEventName>(
  socket: Socket,
  name: E,
  payload: ClientPayload<E>,
): Promise<AckData<E>> {
  const ack: Ack<AckData<E>> = await socket.emitWithAck(name, payload);
  if (!ack.ok) throw new Error(`${name}: ${ack.error.code}`);
  return ack.data;
}

async function enter(url: string, name: string): Promise<Person> {
  const { token } = await registerAt(askUrl ?? url, name);
  const reads = await connect(url, token);
  return { reads, asks: askUrl === undefined ? reads : await connect(askUrl, token) };
}

/** Asks, and leaves the room of the asking node where somebody else reads. */
async function ask({ asks, reads }: Person, client_id: string): Promise<void> {
  const { conversation } = await call(reads, 'conversation:create', {});
  const conversation_id = conversation.id;
  if (asks !== reads) await call(reads, 'conversation:open', { conversation_id });
  await call(asks, 'message:send', { conversation_id, client_id, content: 'q' });
  if (asks !== reads) await call(asks, 'conversation:close', { conversation_id });
}

async function readOne(person: Person, name: string): Promise<ReaderResult> {
  const seen = packetsOf();
  const { reads } = person;
  reads.on('message:delta', ({ text }: { text: string }) => seen.packet(text.length));
  const ended = new Promise((resolve) => {
    reads.once('message:completed', resolve);
  });
  await ask(person, name);
  await ended;
  reads.off('message:delta');
  return seen.result();
}

serveReaders({
  async prepare(url, count) {
    while (people.length < count) {
      const size = Math.min(BATCH, count - people.length);
      const names = Array.from({ length: size }, (_, i) => `p${process.pid}x${people.length + i}`);
      people.push(...(await Promise.all(names.map((name) => enter(url, name)))));
    }
  },
  async read(_url, index) {
    const person = people[index];
    if (!person) throw new Error('not prepared');
    questions += 1;
    return readOne(person, `q${questions}`);
  },
});
