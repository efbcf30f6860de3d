import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';

/** Six bytes each in JSON. Two of them are a page of twelve megabytes, more than the kernel's buffers hold. */
const CONTROLS = 1_000_000;
const ASKED = 200;
const MOST_GROWTH = 200 * 1_048_576;
/** Nothing signals that memory stops growing, so the test watches for a while: the wait itself is tested. */
const OTHERS_CALLS = 6;
const BETWEEN_MS = 250;

describe('Clients that ask for pages and read nothing', () => {
  let app: TestApp;
  let ada: Account;
  let bob: Account;
  let other: Device;
  let id: number;
  const sockets: Socket[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '1' });
    [ada, bob] = [await app.register('ada'), await app.register('bob')];
    other = await app.device(bob);
    const device = await app.device(ada);
    id = (await device.ask('conversation:create', {})).conversation.id;
    const insert = `INSERT INTO messages (conversation_id, parent_id, role, status, content, attempt, seq)
      VALUES ($1, $2, 'assistant', 'completed', repeat(chr(1), $3), 1, 1) RETURNING id`;
    let parent: number | null = null;
    for (let i = 0; i < 2; i++) {
      const [row]: { id: number }[] = await app.rows(insert, [id, parent, CONTROLS]);
      parent = row?.id ?? null;
    }
    await app.rows('UPDATE conversations SET active_message_id = $2 WHERE id = $1', [id, parent]);
    device.close();
  });
  after(() => app?.stop());
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** The largest growth of this process, node and clients, while another user was served. */
  const growth = async (): Promise<number> => {
    const before = process.memoryUsage.rss();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 20);
    for (let i = 0; i < OTHERS_CALLS; i++) {
      await other.ask('conversation:list', {});
      const { status } = await app.call('/agent/models', { token: bob.token });
      expect(status).to.equal(200);
      await sleep(BETWEEN_MS);
    }
    clearInterval(timer);
    return most - before;
  };

  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const request = (method: string, path: string, body = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: ${new URL(app.url).host}\r\nAuthorization: Bearer ${ada.token}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const page = () => request('GET', `/agent/conversations/${id}/messages`);

  it('by websocket do not fill the memory, and get their answers when they read', async () => {
    const slow = await app.device(ada);
    slow.pause();
    const ask = () => slow.emit('conversation:open', { conversation_id: id });
    const acks = Array.from({ length: ASKED }, ask);
    expect(await growth()).to.be.below(MOST_GROWTH);
    slow.resume();
    const first = await acks[0];
    // The first one's time may be over by then on a busy machine.
    const answered = first?.ok ? first : await Promise.all(acks).then(ask);
    expect(answered.ok).to.equal(true);
    slow.close();
  });

  it('by REST with requests one behind the other do not either', async () => {
    const socket = await open();
    socket.pause();
    socket.write(page().repeat(ASKED));
    expect(await growth()).to.be.below(MOST_GROWTH);
  });

  it('while clients that read get all that they ask for at once', async () => {
    const asks = Array.from({ length: 40 }, () => app.call('/agent/models', { token: ada.token }));
    const statuses = (await Promise.all(asks)).map(({ status }) => status);
    expect(statuses).to.deep.equal(Array(40).fill(200));
  });

  it('by REST on many connections do not either, and are told to wait', async () => {
    const all = await Promise.all(Array.from({ length: ASKED }, open));
    const firsts = all.map(async (socket) => {
      socket.write(page());
      const [chunk] = await once(socket, 'data');
      socket.pause();
      return String(chunk).slice(9, 12);
    });
    expect(await growth()).to.be.below(MOST_GROWTH);
    expect(await Promise.all(firsts))
      .to.include('200')
      .and.to.include('429');
  });

  /** Everything that a connection has read until then. */
  const readUntil = async (socket: Socket, what: RegExp): Promise<string> => {
    let text = '';
    while (!what.test(text)) text += String((await once(socket, 'data'))[0]);
    return text;
  };

  it('by polling do not either, and get their answers when they read', async () => {
    const socket = await open();
    const ask = async (method: string, query: string, body = '') => {
      socket.write(request(method, `/socket.io/?EIO=4&transport=polling${query}`, body));
      const text = await readUntil(socket, /\r\n\r\n./s);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      const begun = text.slice(text.indexOf('\r\n\r\n') + 4);
      return Buffer.byteLength(begun) < length ? begun + (await readUntil(socket, /./s)) : begun;
    };
    const sid = /"sid":"([^"]+)"/.exec(await ask('GET', ''))?.[1];
    await ask('POST', `&sid=${sid}`, `40${JSON.stringify({ token: ada.token })}`);
    let welcome = '';
    while (!welcome.includes('server:hello')) welcome += await ask('GET', `&sid=${sid}`);
    const event = (i: number) => `42${i}["conversation:open",{"conversation_id":${id}}]`;
    const events = Array.from({ length: 40 }, (_, i) => event(i)).join('\u001e');
    expect(await ask('POST', `&sid=${sid}`, events)).to.equal('ok');

    const polls: Socket[] = [];
    let asking = true;
    const poll = async () => {
      while (asking) {
        const one = await open();
        polls.push(one);
        one.write(request('GET', `/socket.io/?EIO=4&transport=polling&sid=${sid}`));
        // The next one may be sent once this one is answered.
        const answered = once(one, 'data').then(() => one.pause());
        await Promise.race([answered, once(one, 'close')]);
      }
    };
    const polling = poll();
    expect(await growth()).to.be.below(MOST_GROWTH);
    asking = false;
    expect(polls.length).to.be.above(0);
    const read = polls.map((one) => {
      one.on('data', () => {});
      return one.resume();
    });
    await polling;
    expect(read.length).to.be.below(40);
  });
});
