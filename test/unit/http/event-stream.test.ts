import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect } from 'chai';
import express, { type Response } from 'express';
import { EventStream } from '../../../src/http/streams/event-stream.js';

/** A time that does not pass within a test. */
const LONG_MS = 600_000;
const NEVER = new AbortController().signal;

describe('A stream of server-sent events', () => {
  let server: Server;
  let handle: (res: Response) => void;
  let client: Socket;
  /** The server has closed the connection. */
  let closed: Promise<unknown>;

  before(async () => {
    server = createServer(express().get('/', (_, res) => handle(res)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());
  afterEach(() => client.destroy());

  /** A reader without a stomach: it takes nothing before `resume`. */
  const open = async (times: { commentEveryMs: number; unreadMs: number }) => {
    const opened = new Promise<EventStream>((resolve) => {
      handle = (res) => {
        const stream = new EventStream(res, () => {}, times);
        closed = once(res, 'close').then(() => stream.close());
        stream.open();
        resolve(stream);
      };
    });
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => {}).pause();
    client.write('GET / HTTP/1.1\r\nHost: parley\r\n\r\n');
    return opened;
  };
  const read = () => {
    let text = '';
    client.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      client.emit('read');
    });
    client.resume();
    return {
      get text() {
        return text;
      },
      async until(fits: (so: string) => boolean) {
        while (!fits(text)) await once(client, 'read');
      },
    };
  };
  const delta = (seq: number, text: string) =>
    ({ conversation_id: 1, message_id: 2, attempt: 1, seq, text }) as const;

  it('gives a sign of life while there is nothing else to say', async () => {
    const stream = await open({ commentEveryMs: 5, unreadMs: LONG_MS });
    const reader = read();
    await reader.until((text) => text.split('\n:\n\n').length > 3);
    await stream.send('delta', '1-1', delta(1, 'a'), NEVER);
    await reader.until((text) => text.includes('event: delta'));
  });

  it('has one line for what some readers break into several', async () => {
    const stream = await open({ commentEveryMs: LONG_MS, unreadMs: LONG_MS });
    const reader = read();
    const sent = delta(1, 'a\u2028b\u2029c\u0085d\r\n');
    await stream.send('delta', '1-1', sent, NEVER);
    await reader.until((text) => text.includes('"seq":1'));
    const [, line = ''] = /^data: (.*)$/m.exec(reader.text) ?? [];
    expect(line).to.not.match(/[\u0085\u2028\u2029]/);
    expect(JSON.parse(line)).to.deep.equal(sent);
  });

  it('waits for a slow reader, who then has everything in its order', async () => {
    const stream = await open({ commentEveryMs: LONG_MS, unreadMs: LONG_MS });
    const big = 'x'.repeat(1_000_000);
    let sent = 0;
    let blocked: Promise<void> = Promise.resolve();
    for (; sent < 100; sent += 1) {
      blocked = stream.send('delta', `1-${sent}`, delta(sent, big), NEVER);
      const first = await Promise.race([blocked.then(() => 'sent'), passed()]);
      if (first === 'waits') break;
    }
    expect(sent).to.be.below(100);
    const reader = read();
    await blocked;
    await stream.send('completed', '2-0', {} as never, NEVER);
    await reader.until((text) => text.includes('event: completed'));
    const seqs = [...reader.text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
    expect(seqs).to.deep.equal(Array.from({ length: sent + 1 }, (_, seq) => seq));
  });

  it('is closed when its reader takes nothing', async () => {
    const stream = await open({ commentEveryMs: 1, unreadMs: 300 });
    const left = new AbortController();
    const big = 'x'.repeat(1_000_000);
    for (let seq = 0; !left.signal.aborted; seq += 1) {
      const sending = stream.send('delta', `1-${seq}`, delta(seq, big), left.signal);
      const first = await Promise.race([sending.then(() => 'sent'), closed.then(() => 'closed')]);
      if (first === 'sent') continue;
      left.abort();
      expect(await sending.catch((error: unknown) => error)).to.include({ name: 'AbortError' });
    }
  });
});

/** Bytes reach a socket on this machine in this time. If they do not, the test only sends one more piece. */
const passed = () => new Promise<string>((resolve) => setTimeout(() => resolve('waits'), 100));
