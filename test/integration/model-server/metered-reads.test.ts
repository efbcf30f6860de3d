import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import tls from 'node:tls';
import { constants, createGzip } from 'node:zlib';
import { expect } from 'chai';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import { DONE, finishChunk, textChunk } from '../../../lab/models/upstream-wire.js';
import { makeCertificates } from '../../../lab/stores/certificates.js';
import {
  createOpenAIProvider,
  type OpenAIProvider,
} from '../../../src/adapters/openai/provider.js';
import { ONE_READ, Valve } from '../../../src/adapters/openai/transport/valve.js';
import type { FlushTimes } from '../../../src/ports/completion-provider.js';

const REQUEST = {
  model: 'scripted',
  messages: [{ role: 'user' as const, content: 'Hi' }],
  temperature: null,
  maxTokens: null,
  user: '42',
};

/** Flushes happen when the test says so. */
class ManualTimes extends EventEmitter implements FlushTimes {
  #waiting: (() => void)[] = [];

  get reads(): number {
    return this.#waiting.length;
  }

  beforeNext(work: () => void): void {
    this.#waiting.push(work);
    this.emit('waiting');
  }

  async waiting(): Promise<void> {
    if (this.reads === 0) await once(this, 'waiting');
  }

  flush(): void {
    for (const work of this.#waiting.splice(0)) work();
  }
}

/** The text of a stream so far. */
class Heard extends EventEmitter {
  text = '';

  readonly push = (piece: string) => {
    this.text += piece;
    this.emit('text');
  };

  async until(text: string): Promise<void> {
    while (this.text !== text) await once(this, 'text');
  }
}

describe('Reading the model server', () => {
  let upstream: upstreams.Upstream;
  let times: ManualTimes;
  let provider: OpenAIProvider;
  const create = (given?: FlushTimes) =>
    createOpenAIProvider({
      apiKey: null,
      baseUrl: upstream.url,
      defaultModel: 'scripted',
      models: [],
      connectTimeoutMs: 60_000,
      firstChunkTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      totalTimeoutMs: 60_000,
      maxRetries: 0,
      ...(given && { times: given }),
    });
  const stream = (heard: Heard, signal = new AbortController().signal) =>
    provider.stream(REQUEST, heard.push, { signal });

  /** Earlier output of the upstream has arrived once a whole later answer has. */
  const barrier = async () => {
    const other = create();
    await other.stream(REQUEST, () => {}, { signal: new AbortController().signal });
    await other.stop();
  };

  /** An answer that has begun and waits for the next flush, with its first two pieces received. */
  const begin = async (heard: Heard, signal?: AbortSignal) => {
    const held = upstream.next();
    const end = stream(heard, signal);
    end.catch(() => {});
    held.write('a');
    await heard.until('a');
    held.write('b');
    await heard.until('ab');
    await times.waiting();
    return { held, end };
  };

  beforeEach(async () => {
    upstream = await upstreams.startUpstream();
    times = new ManualTimes();
    provider = create(times);
  });
  afterEach(async () => {
    await provider.stop();
    await upstream.stop();
  });

  it('waits for the next flush once text has come, and then takes all of it in one read', async () => {
    const heard = new Heard();
    const { held, end } = await begin(heard);
    held.write('c');
    await barrier();
    held.write('d');
    await barrier();
    expect(heard.text).to.equal('ab');
    times.flush();
    await heard.until('abcd');
    expect(times.reads).to.equal(1);
    held.finish();
    times.flush();
    expect((await end).finishReason).to.equal('stop');
  });

  it('takes all that has come with one flush, also when that is more than one read', async () => {
    const heard = new Heard();
    const { held, end } = await begin(heard);
    const long = 'long '.repeat(20_000);
    held.write(long);
    await barrier();
    times.flush();
    await heard.until(`ab${long}`);
    held.finish();
    times.flush();
    await end;
  });

  it('waits for the next flush with a compressed answer, too', async () => {
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    const written = (piece: string) =>
      new Promise<void>((resolve) => {
        gzip.write(textChunk(piece), () => resolve());
      });
    upstream.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      gzip.pipe(response);
    });
    const heard = new Heard();
    const end = stream(heard);
    await upstream.request(1);
    await written('a');
    await heard.until('a');
    await written('b');
    await heard.until('ab');
    await times.waiting();
    await written('c');
    await barrier();
    await written('d');
    await barrier();
    expect(heard.text).to.equal('ab');
    times.flush();
    await heard.until('abcd');
    expect(times.reads).to.equal(1);
    gzip.end(finishChunk('stop') + DONE);
    times.flush();
    expect((await end).finishReason).to.equal('stop');
  });

  it('does not wait for a flush on a connection whose answer has ended', async () => {
    const heard = new Heard();
    const { held, end } = await begin(heard);
    held.finish();
    await barrier();
    times.flush();
    await end;
    await barrier();
    const next = new Heard();
    const second = upstream.next();
    const ended = stream(next);
    second.write('x');
    await next.until('x');
    expect((await second.opened).remotePort).to.equal((await held.opened).remotePort);
    second.finish();
    await ended;
  });

  it('hears an abort while it waits, and closes the connection', async () => {
    const controller = new AbortController();
    const heard = new Heard();
    const { held, end } = await begin(heard, controller.signal);
    controller.abort(new Error('enough'));
    expect(await end.catch((error: unknown) => error)).to.equal(controller.signal.reason);
    await held.closed;
    times.flush();
    expect(heard.text).to.equal('ab');
  });

  it('finds out at the next flush that the server is gone', async () => {
    const heard = new Heard();
    const { held, end } = await begin(heard);
    held.write('c');
    held.cut();
    await held.closed;
    times.flush();
    await times.waiting();
    times.flush();
    expect(await end.catch((error: Error) => error.name)).to.equal('ProviderError');
    expect(heard.text).to.equal('abc');
  });

  it('waits over TLS, too', async () => {
    const files = await makeCertificates();
    const [key, cert, ca] = await Promise.all(
      [files.key, files.certificate, files.authority].map((file) => readFile(file)),
    );
    const server = tls.createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'secureConnection') as Promise<[Socket]>;
    const { port } = server.address() as AddressInfo;
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca,
      ...ONE_READ,
    });
    const [peer] = await accepted;
    const valve = new Valve(times);
    const heard = new Heard();
    try {
      if (!socket.authorized) await once(socket, 'secureConnect');
      valve.fit(socket);
      socket.on('readable', () => {
        for (let piece = socket.read(); piece !== null; piece = socket.read()) {
          heard.push(String(piece));
        }
      });
      peer.write('a');
      await heard.until('a');
      valve.meter();
      peer.write('b');
      await heard.until('ab');
      await times.waiting();
      for (const piece of ['c', 'd']) await new Promise((written) => peer.write(piece, written));
      await barrier();
      expect(heard.text).to.equal('ab');
      times.flush();
      await heard.until('abcd');
      valve.open();
      peer.write('e');
      await heard.until('abcde');
    } finally {
      socket.destroy();
      peer.destroy();
      server.close();
      await files.remove();
    }
  });
});
