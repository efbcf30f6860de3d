import { registerAt } from '../../lab/people/rest.js';
import type { Ack, AckData, ClientEventName, ClientPayload } from '../../src/contract/events.js';
import { openRaw, type RawSocket } from './raw-socket.js';
import { serveReaders } from './reader-process.js';

/** One user with one question at a time, who asks at one node and reads at the same or another one. */
interface Person {
  asks: RawSocket;
  reads: RawSocket;
}

const BATCH = 50;
const people: Person[] = [];
let questions = 0;

/** The node where questions are asked, if it is not the one where answers are read. */
const askUrl = process.env.ASK_URL;

async function call<E extends ClientEventName>(
  socket: RawSocket,
  name: E,
  payload: ClientPayload<E>,
): Promise<AckData<E>> {
  const ack = (await socket.call(name, payload)) as Ack<AckData<E>>;
  if (!ack.ok) throw new Error(`${name}: ${ack.error.code}`);
  return ack.data;
}

async function enter(url: string, name: string): Promise<Person> {
  const { token } = await registerAt(askUrl ?? url, name);
  const reads = await openRaw(url, token);
  return { reads, asks: askUrl === undefined ? reads : await openRaw(askUrl, token) };
}

/** Asks, and leaves the room of the asking node if another socket reads. */
async function ask({ asks, reads }: Person, client_id: string): Promise<void> {
  const { conversation } = await call(reads, 'conversation:create', {});
  const conversation_id = conversation.id;
  if (asks !== reads) await call(reads, 'conversation:open', { conversation_id });
  await call(asks, 'message:send', { conversation_id, client_id, content: 'q' });
  if (asks !== reads) await call(asks, 'conversation:close', { conversation_id });
}

const DELTA = '42["message:delta",';
const COMPLETED = '42["message:completed",';

async function readOne(
  person: Person,
  name: string,
  onPacket: (bytes: number) => void,
): Promise<void> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const leave = person.reads.onEvent((packet) => {
    if (packet.startsWith(DELTA)) onPacket(packet.length);
    else if (packet.startsWith(COMPLETED)) end();
  });
  await ask(person, name);
  await ended;
  leave();
}

serveReaders({
  async prepare(url, count) {
    while (people.length < count) {
      const size = Math.min(BATCH, count - people.length);
      const names = Array.from({ length: size }, (_, i) => `p${process.pid}x${people.length + i}`);
      people.push(...(await Promise.all(names.map((name) => enter(url, name)))));
    }
  },
  async read(_url, index, onPacket) {
    const person = people[index];
    if (!person) throw new Error('not prepared');
    questions += 1;
    return readOne(person, `q${questions}`, onPacket);
  },
});
