import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { unavailable } from '../../../src/entities/errors.js';
import { errorHandler } from '../../../src/http/middleware/error-handler.js';
import { requestLog } from '../../../src/http/middleware/request-log.js';
import { createLogger } from '../../../src/node/logger.js';

describe('the request log', () => {
  const lines: string[] = [];
  let server: Server;
  let url: string;

  before(async () => {
    const logger = createLogger({ level: 'info', pretty: false }, { write: (l) => lines.push(l) });
    const app = express();
    app.use(requestLog(logger));
    app.use(express.json());
    app.post('/ok', (_req, res) => res.cookie('access_token', 'SECRET').json({ token: 'SECRET' }));
    app.post('/broken', () => {
      throw Object.assign(new Error('INTERNALS'), { sql: 'SECRET', parameters: ['SECRET'] });
    });
    app.post('/busy', () => {
      throw unavailable(new Error('INTERNALS'), 1_500);
    });
    app.get('/assets/broken', () => {
      throw new Error('INTERNALS');
    });
    app.get('/health', (_req, res) => res.json({}));
    app.use(errorHandler);
    server = app.listen(0);
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    lines.length = 0;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const post = (path: string) =>
    fetch(`${url}${path}?refresh_token=SECRET`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer SECRET',
        cookie: 'access_token=SECRET',
        'content-type': 'application/json',
        'x-request-id': 'trace-7',
      },
      body: JSON.stringify({ password: 'SECRET', message: 'SECRET' }),
    });

  it('has one line for a request, with its id and path and nothing secret', async () => {
    await (await post('/ok')).text();
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0] ?? '')).to.deep.include({
      req: { id: 'trace-7', method: 'POST', path: '/ok' },
      res: { status: 200 },
    });
    expect(lines.join()).to.not.include('SECRET');
  });

  it('has the stack of an unexpected error once, and its caller nothing of it', async () => {
    const response = await post('/broken');
    const answered = await response.text();
    expect(response.status).to.equal(500);
    expect(JSON.parse(answered)).to.include({ code: 'internal', request_id: 'trace-7' });
    expect(answered).to.not.include('INTERNALS');
    expect(lines.filter((line) => line.includes('request-log.test.ts'))).to.have.length(1);
    expect(lines.join()).to.include('INTERNALS').and.to.not.include('SECRET');
    expect(JSON.parse(lines[0] ?? '')).to.include({ level: 50, msg: 'request errored' });
  });

  it('has the cause of what was not available, and the caller when to come again', async () => {
    const response = await post('/busy');
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '2']);
    expect(await response.json()).to.include({ retryable: true, retry_after_ms: 1_500 });
    expect(lines.join()).to.include('INTERNALS');
    expect(JSON.parse(lines[0] ?? '')).to.include({ level: 40, msg: 'request not served' });
  });

  it('has nothing of the page’s files, unless they fail', async () => {
    for (const path of ['/assets/app.js', '/icons/icon.svg', '/manifest.webmanifest'])
      await (await fetch(url + path)).text();
    await (await post('/ok')).text();
    expect(lines.map((line) => JSON.parse(line).req.path)).to.deep.equal(['/ok']);
    await (await fetch(`${url}/assets/broken`)).text();
    expect(JSON.parse(lines.at(-1) ?? '')).to.include({ level: 50 });
  });

  it('has nothing of probes', async () => {
    await (await fetch(`${url}/health`)).text();
    await (await post('/ok')).text();
    expect(lines).to.have.length(1);
  });
});
