import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { AppError } from '../../../src/entities/errors.js';
import { allowLongRequests } from '../../../src/http/long-requests.js';
import { receiveFile } from '../../../src/http/upload.js';

const count = async (body: Readable) => {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return { bytes, close: async () => {} };
};
const NEVER = new AbortController().signal;

describe('A file that is sent slowly', () => {
  let server: Server;
  let outcomes: unknown[];

  const listen = async (times: { totalMs: number; idleMs: number }, signal = NEVER) => {
    outcomes = [];
    const settings = { requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 20 };
    server = createServer(settings, (req, res) => {
      if (req.url === '/other') return void req.resume();
      receiveFile(req, count, signal, times).then(
        ({ bytes }) => res.end(String(bytes)),
        (error) => {
          outcomes.push(error);
          res.end('refused');
        },
      );
    });
    allowLongRequests(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const open = (path: string) => {
    const { port } = server.address() as AddressInfo;
    const sending = request({ port, path, host: '127.0.0.1', method: 'POST' });
    const answer = new Promise<string>((resolve) => {
      sending.on('error', () => resolve('cut off'));
      sending.on('response', async (response) => {
        let text = String(response.statusCode);
        for await (const chunk of response) text += ` ${chunk}`;
        resolve(text);
      });
    });
    sending.write('a');
    return { sending, answer };
  };

  it('has its own time, while others keep to that of the server', async () => {
    await listen({ totalMs: 60_000, idleMs: 60_000 });
    const begun = new Promise<void>((resolve) => {
      let requests = 0;
      server.on('request', () => {
        requests += 1;
        if (requests === 2) resolve();
      });
    });
    const [file, other] = [open('/file'), open('/other')];
    await begun;
    // Not before both have begun: on a busy machine, that alone may take as long.
    server.headersTimeout = 100;
    server.requestTimeout = 100;
    // The server looks at all connections at once.
    expect(await other.answer).to.match(/^408/);
    file.sending.end('bc');
    expect(await file.answer).to.equal('200 3');
  });

  for (const [what, times] of [
    ['nothing comes', { totalMs: 60_000, idleMs: 30 }],
    ['it takes too long', { totalMs: 30, idleMs: 60_000 }],
  ] as const) {
    it(`is cut off when ${what}`, async () => {
      await listen(times);
      expect(await open('/file').answer).to.equal('cut off');
      const [error] = outcomes;
      expect(error).to.be.instanceOf(AppError).and.have.property('code', 'malformed_json');
    });
  }

  for (const type of ['multipart/form-data; boundary=b', 'application/json']) {
    it(`is known to be lost when its sender left before it was read: ${type}`, async () => {
      server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const headers = { 'content-type': type };
      const sending = request({ port, host: '127.0.0.1', method: 'POST', headers });
      sending.on('error', () => {});
      sending.write('--b\r\n');
      const [req] = await once(server, 'request');
      req.on('error', () => {});
      const gone = new Promise((resolve) => req.once('close', resolve));
      sending.destroy();
      await gone;
      const error = await receiveFile(req, count, NEVER).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(AppError).and.have.property('code', 'malformed_json');
    });
  }

  it('is cut off when its node stops', async () => {
    const stop = new AbortController();
    await listen({ totalMs: 60_000, idleMs: 60_000 }, stop.signal);
    const { answer } = open('/file');
    server.once('request', () => stop.abort());
    expect(await answer).to.equal('cut off');
  });
});
