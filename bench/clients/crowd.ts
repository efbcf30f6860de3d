import { registerAt } from '../../test/support/rest.js';
import { openRaw, type RawSocket } from './raw-socket.js';
import { serveCommands } from './serve-commands.js';

/** Many sockets of few users, as the benches of sockets and rooms need them. */
const AT_ONCE = 100;
const USERS = 20;
const sockets: RawSocket[] = [];
const tokens: string[] = [];
let conversationId = 0;
let questions = 0;

type Opened = { ok: true; data: { conversation: { id: number } } };

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

const tokenOf = (i: number) => tokens[i % tokens.length];

serveCommands({
  /** Users with accounts; without them sockets carry no token. */
  async register({ url }: { url: string }) {
    for (let i = 0; i < USERS; i++) {
      tokens.push((await registerAt(url, `crowd${process.pid}x${i}`)).token);
    }
  },

  /** Answers the sockets that were accepted per second. */
  async connect({ url, count }: { url: string; count: number }) {
    const begun = performance.now();
    sockets.push(...(await inTurns(count, (i) => openRaw(url, tokenOf(i)))));
    return (count * 1_000) / (performance.now() - begun);
  },

  /** Each opens a conversation of its own. */
  async openOwn() {
    await inTurns(sockets.length, async (i) => {
      const made = (await sockets[i]?.call('conversation:create', {})) as Opened;
      await sockets[i]?.call('conversation:open', { conversation_id: made.data.conversation.id });
    });
  },

  /** All open one conversation, which the first one makes. */
  async openOne() {
    const made = (await sockets[0]?.call('conversation:create', {})) as Opened;
    conversationId = made.data.conversation.id;
    const payload = { conversation_id: conversationId };
    await inTurns(sockets.length, async (i) => sockets[i]?.call('conversation:open', payload));
  },

  /** Resolves when the answer has ended for the one who asked. */
  async ask() {
    const [asks] = sockets;
    if (!asks) throw new Error('no socket');
    const ended = new Promise<void>((resolve) => {
      asks.onEvent((packet) => packet.startsWith('42["message:completed"') && resolve());
    });
    questions += 1;
    const question = { client_id: `fan-${process.pid}-${questions}`, content: 'q' };
    await asks.call('message:send', { ...question, conversation_id: conversationId });
    await ended;
  },

  /** Events that have come to all of them together. */
  events: () => sockets.reduce((sum, { events }) => sum + events, 0),

  close() {
    for (const socket of sockets.splice(0)) socket.close();
  },
});
