import { createSocket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { getEventListeners, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { type Receiver, startReceiver } from '../../../lab/people/receiver.js';
import { standStill } from '../../../lab/stand-still.js';
import { resolvePublic } from '../../../src/adapters/webhooks/resolve.js';
import { createWebhookSender } from '../../../src/adapters/webhooks/sender.js';

const PUBLIC: LookupAddress = { address: '93.184.216.34', family: 4 };
const INNER: LookupAddress = { address: '127.0.0.1', family: 4 };
const MAPPED: LookupAddress = { address: '::ffff:127.0.0.1', family: 6 };

/** A name server that gives these, one after another. */
function resolver(...replies: LookupAddress[][]) {
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    return replies[Math.min(asked.length, replies.length) - 1] ?? [];
  };
  return { asked, resolve };
}

/** The reply of a name server that knows no such name (RFC 1035, 4.1.1: QR and RA, then RCODE 3). */
function unknownName(query: Buffer): Buffer {
  const reply = Buffer.from(query);
  reply[2] = query.readUInt8(2) | 0x80;
  reply[3] = 0x83;
  return reply;
}

const post = (url: string) => ({
  url,
  headers: { 'x-test': '1' },
  body: '{}',
  signal: new AbortController().signal,
});

describe('The sender of webhooks', () => {
  let receiver: Receiver;
  let port: string;

  beforeEach(async () => {
    receiver = await startReceiver();
    port = new URL(receiver.url).port;
  });
  afterEach(() => receiver.stop());

  it('refuses a name that leads inside, with one address or among others', async () => {
    for (const addresses of [[INNER], [PUBLIC, INNER], [MAPPED]]) {
      const { resolve } = resolver(addresses);
      const sender = createWebhookSender({ allowPrivate: false, resolve });
      expect(await sender.refusal('https://hook.example/')).to.equal('target.host');
    }
    const { resolve } = resolver([PUBLIC]);
    const sender = createWebhookSender({ allowPrivate: false, resolve });
    expect(await sender.refusal('https://hook.example/')).to.equal(null);
  });

  it('accepts a name that nobody knows yet, and one whose name server is silent', async () => {
    const unknown = async () => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    };
    const silent = () => new Promise<LookupAddress[]>(() => {});
    for (const resolve of [unknown, silent]) {
      const sender = createWebhookSender({ allowPrivate: false, resolve, timeoutMs: 200 });
      expect(await sender.refusal('https://hook.example/')).to.equal(null);
    }
  });

  it('does not connect where a name leads that was harmless when it was checked', async () => {
    const { resolve, asked } = resolver([PUBLIC], [INNER]);
    const sender = createWebhookSender({ allowPrivate: false, resolve });
    const url = `https://rebinding.example:${port}/`;
    expect(await sender.refusal(url)).to.equal(null);
    expect(await sender.post(post(url))).to.deep.equal({
      status: null,
      problem: 'refused address',
    });
    expect(asked).to.deep.equal(['rebinding.example', 'rebinding.example']);
  });

  it('asks for the address once per request, and connects to just that one', async () => {
    const { resolve, asked } = resolver([INNER], [PUBLIC]);
    const sender = createWebhookSender({ allowPrivate: true, resolve });
    const reply = await sender.post(post(`http://name.example:${port}/path?query`));
    expect(reply).to.deep.equal({ status: 204 });
    expect(asked).to.deep.equal(['name.example']);
    const [told] = receiver.told;
    expect(told?.path).to.equal('/path?query');
    expect(told?.headers).to.include({ host: `name.example:${port}`, 'x-test': '1' });
  });

  it('refuses an address in the URL, whatever its spelling', async () => {
    const sender = createWebhookSender({ allowPrivate: false });
    for (const host of ['127.0.0.1', '2130706433', '[::1]', '[::ffff:7f00:1]', '0x7f.1']) {
      const reply = await sender.post(post(`https://${host}:${port}/`));
      expect(reply.status, host).to.equal(null);
      expect(reply.problem, host).to.equal('refused address');
    }
  });

  it('asks name servers only, so that names of this machine lead nowhere', async () => {
    let asked = 0;
    const server = createSocket('udp4', (query, from) => {
      asked += 1;
      server.send(unknownName(query), from.port, from.address);
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const names = new Resolver();
    names.setServers([`127.0.0.1:${server.address().port}`]);
    const failed = await resolvePublic(names)('localhost').then(
      () => null,
      (error: NodeJS.ErrnoException) => error.code,
    );
    server.close();
    expect(failed).to.equal('ENOTFOUND');
    expect(asked).to.be.above(0);
  });

  it('reads no endless response, and does not wait for a silent one', async () => {
    let sent = 0;
    receiver.script(
      (response) => {
        response.writeHead(200);
        const write = () => {
          if (response.destroyed) return;
          sent += 65_536;
          response.write(Buffer.alloc(65_536), () => setImmediate(write));
        };
        write();
      },
      () => {},
    );
    const sender = createWebhookSender({ allowPrivate: true });
    expect(await sender.post(post(receiver.url))).to.deep.equal({ status: 200 });
    expect(sent).to.be.below(50_000_000);
    const hasty = createWebhookSender({ allowPrivate: true, timeoutMs: 1_000 });
    const late = await hasty.post(post(receiver.url));
    expect(late.status).to.equal(null);
    expect(late.problem).to.equal('TimeoutError');
  });

  it('does not blame a receiver for a pause of this process', async () => {
    receiver.script((response) => {
      response.writeHead(204).end(() => standStill(1_000));
    });
    const sender = createWebhookSender({ allowPrivate: true, timeoutMs: 500 });
    expect(await sender.post(post(receiver.url))).to.deep.equal({ status: 204 });
  });

  it('leaves nothing with its caller, and ends with it', async () => {
    const caller = new AbortController();
    const { signal } = caller;
    const sender = createWebhookSender({ allowPrivate: true });
    expect(await sender.post({ ...post(receiver.url), signal })).to.deep.equal({ status: 204 });
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
    receiver.script(() => caller.abort(new Error('the node stops')));
    expect(await sender.post({ ...post(receiver.url), signal })).to.include({ status: null });
    expect(await sender.post({ ...post(receiver.url), signal })).to.include({ status: null });
  });

  it('is told what went wrong without the address', async () => {
    // What is closed with bytes unread is reset, so the whole request is read first.
    const closed: Server = createServer((socket) => {
      let text = '';
      socket.on('data', (part) => {
        text += part;
        if (text.endsWith('{}')) socket.destroy();
      });
    });
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port: other } = closed.address() as AddressInfo;
    const sender = createWebhookSender({ allowPrivate: true });
    const url = `http://127.0.0.1:${other}/secret-path`;
    const cut = await sender.post(post(url));
    closed.close();
    await once(closed, 'close');
    const refused = await sender.post(post(url));
    expect([cut.problem, refused.problem]).to.deep.equal(['UND_ERR_SOCKET', 'ECONNREFUSED']);
  });
});
