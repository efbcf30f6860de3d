import { getEventListeners, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createRest, type Rest } from '../../../src/client/rest/rest.js';

const TIMEOUT_MS = 10_000;
/** The head of a download comes at once here. */
const HEAD_MS = 50;

describe('A download by the client', () => {
  let rest: Rest;
  let body: ReadableStreamDefaultController<Uint8Array>;
  const bytes = (text: string) => new TextEncoder().encode(text);

  before(() => {
    rest = createRest({
      ...{ url: 'http://parley.test', token: () => null, timeoutMs: HEAD_MS },
      fetch: async (_, init) => {
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            body = controller;
            controller.enqueue(bytes('first, '));
          },
        });
        init?.signal?.addEventListener('abort', () => body.error(init.signal?.reason));
        return new Response(stream);
      },
    });
  });

  /** The client has the head, and reads the body. */
  const reading = async (signal?: AbortSignal) => {
    const blob = mock.method(Response.prototype, 'blob');
    const download = rest.exportConversation(7, 'json', signal ? { signal } : {});
    const ended = download.then(
      () => true,
      () => true,
    );
    const turn = () => new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
    while (blob.mock.callCount() === 0 && !(await Promise.race([ended, turn()])));
    blob.mock.restore();
    return { download };
  };

  it('may take longer than any other call', async () => {
    const { download } = await reading();
    // The time itself is tested. Its timer began before this one.
    await sleep(HEAD_MS * 2);
    body.enqueue(bytes('and last'));
    body.close();
    expect(await (await download).text()).to.equal('first, and last');
  });

  it('is ended by its signal', async () => {
    const abort = new AbortController();
    const { download } = await reading(abort.signal);
    abort.abort();
    expect(await download.catch((error: unknown) => error)).to.include({ code: 'unavailable' });
  });
});

describe('A call by the client', () => {
  let server: Server;
  let url: string;
  let rest: Rest;
  let answer: (response: ServerResponse) => void;

  before(async () => {
    server = createServer((_, response) => answer(response));
    server.listen(0);
    await once(server, 'listening');
    url = `http://localhost:${(server.address() as AddressInfo).port}`;
    rest = createRest({ url, token: () => null, timeoutMs: TIMEOUT_MS });
  });
  after(() => server.close());

  const failure = () => rest.usage().catch((error: unknown) => error);

  it('is given up when its node does not answer, a download too', async () => {
    const open: ServerResponse[] = [];
    answer = (response) => open.push(response);
    const hasty = createRest({ url, token: () => null, timeoutMs: 50 });
    for (const call of [hasty.usage(), hasty.exportConversation(7, 'json')]) {
      expect(await call.catch((error: unknown) => error)).to.include({ code: 'unavailable' });
    }
    for (const response of open) response.end();
  });

  it('fails when its response breaks off, or is no JSON', async () => {
    answer = (response) => {
      response.writeHead(200).write('{"day": {"tokens"', () => response.destroy());
    };
    expect(await failure()).to.include({ code: 'unavailable' });
    answer = (response) => response.end('<html>Sign in to this network</html>');
    expect(await failure()).to.include({ code: 'unavailable' });
    answer = (response) => response.writeHead(500).end('<html>');
    expect(await failure()).to.include({ code: 'unavailable' });
  });

  it('leaves nothing on a signal that outlives it', async () => {
    const { signal } = new AbortController();
    answer = (response) => response.end('a text');
    await rest.exportConversation(7, 'markdown', { signal });
    answer = (response) => response.writeHead(404).end();
    await rest.exportConversation(7, 'markdown', { signal }).catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
  });
});
