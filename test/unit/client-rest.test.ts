import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { expect } from 'chai';
import { createRest, type Rest } from '../../src/client/rest.js';

const TIMEOUT_MS = 10_000;

describe('A download by the client', () => {
  let server: Server;
  let rest: Rest;
  /** The next response: its head has left, its body has not ended. */
  let begun: Promise<ServerResponse>;

  before(async () => {
    server = createServer();
    server.listen(0);
    await once(server, 'listening');
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    rest = createRest({ url, token: () => null, timeoutMs: TIMEOUT_MS });
  });
  after(() => server.close());
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    begun = once(server, 'request').then(([, response]) => {
      response.writeHead(200).write('first, ');
      return response;
    });
  });
  afterEach(() => mock.timers.reset());

  /** The client has the head, and reads the body. */
  const reading = async (signal?: AbortSignal) => {
    const blob = mock.method(Response.prototype, 'blob');
    const download = rest.exportConversation(7, 'json', signal ? { signal } : {});
    const response = await begun;
    while (blob.mock.callCount() === 0) await new Promise(setImmediate);
    blob.mock.restore();
    return { download, response };
  };

  it('may take longer than any other call', async () => {
    const { download, response } = await reading();
    mock.timers.tick(TIMEOUT_MS);
    response.end('and last');
    expect(await (await download).text()).to.equal('first, and last');
  });

  it('is ended by its signal', async () => {
    const abort = new AbortController();
    const { download, response } = await reading(abort.signal);
    abort.abort();
    expect(await download.catch((error: unknown) => error)).to.include({ code: 'unavailable' });
    response.end();
  });

  it('is given up when its node does not answer', async () => {
    server.removeAllListeners('request');
    const asked = once(server, 'request');
    const download = rest.exportConversation(7, 'json');
    const [, response] = await asked;
    mock.timers.tick(TIMEOUT_MS);
    expect(await download.catch((error: unknown) => error)).to.include({ code: 'unavailable' });
    response.end();
  });
});
