import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import express from 'express';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { program } from '../../../lab/nodes/process.js';
import { errorHandler, unknownRoute } from '../../../src/http/middleware/error-handler.js';
import { staticFiles } from '../../../src/http/middleware/static-files.js';

interface Served {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as it was sent. */
  body: Buffer;
}

const IMMUTABLE = 'public, max-age=31536000, immutable';

describe('The page’s files', () => {
  let app: TestApp;
  let index = '';

  before(async () => {
    await program();
    app = await startApp();
    index = (await get('/', { accept: 'text/html' })).body.toString();
  });
  after(() => app?.stop());

  /** `fetch` unpacks bodies by itself. */
  async function get(
    path: string,
    headers: Record<string, string> = {},
    url = app.url,
  ): Promise<Served> {
    const sent = request(url + path, { headers }).end();
    const [response] = await once(sent, 'response');
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part);
    const { statusCode: status, headers: received } = response;
    return { status, headers: received, body: Buffer.concat(parts) };
  }

  const named = () =>
    [...index.matchAll(/(?:src|href|styles)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);

  it('that the document names have names of their content, and are cached for ever', async () => {
    expect(named().length).to.be.greaterThan(3);
    for (const path of named()) {
      expect(path).to.match(/-[A-Z0-9]{8}\.(?:css|js)$/);
      const { status, headers } = await get(path);
      expect([status, headers['cache-control']], path).to.deep.equal([200, IMMUTABLE]);
    }
  });

  it('come packed as the browser accepts it, and unpacked are the same', async () => {
    const [path = ''] = named().filter((name) => name.includes('/chunk-') && name.endsWith('.js'));
    const whole = await readFile(`public${path}`);
    const kinds = [
      { accept: 'gzip, deflate, br', encoding: 'br', unpack: brotliDecompressSync },
      { accept: 'gzip', encoding: 'gzip', unpack: gunzipSync },
      { accept: 'br;q=0, gzip;q=0.5', encoding: 'gzip', unpack: gunzipSync },
      { accept: 'identity', encoding: undefined, unpack: (bytes: Buffer) => bytes },
    ];
    for (const { accept, encoding, unpack } of kinds) {
      const { headers, body } = await get(path, { 'accept-encoding': accept });
      expect(headers['content-encoding'], accept).to.equal(encoding);
      expect(headers['content-type']).to.match(/^(?:text|application)\/javascript/);
      expect(headers.vary).to.match(/Accept-Encoding/i);
      expect(headers['cache-control']).to.equal(IMMUTABLE);
      expect(unpack(body).equals(whole), accept).to.equal(true);
    }
  });

  it('leave the document to be asked for again, which costs no bytes while it is the same', async () => {
    const { headers } = await get('/', { accept: 'text/html' });
    expect(headers['cache-control']).to.equal('no-cache');
    const since = headers['last-modified'] ?? '';
    const again = await get('/', { accept: 'text/html', 'if-modified-since': since });
    expect([again.status, again.body.length]).to.deep.equal([304, 0]);
  });

  it('have a service worker for all of the page, which is asked for again', async () => {
    const { status, headers, body } = await get('/sw.js', { 'accept-encoding': 'br' });
    expect([status, headers['cache-control'], headers['content-encoding']]).to.deep.equal([
      ...[200, 'no-cache', 'br'],
    ]);
    expect(headers['content-type']).to.match(/^(?:text|application)\/javascript/);
    const code = brotliDecompressSync(body).toString();
    // Files that only formulas or administrators need are kept once they were used.
    for (const path of named().filter((name) => !/formulas|admin/.test(name)))
      expect(code, path).to.include(path);
    const [, build = 'none'] = /data-build="(\w+)"/.exec(index) ?? [];
    expect(code).to.include(build);
  });

  it('are answered by a problem that is not packed, once an update has removed them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parley-assets-'));
    const path = '/assets/part-ABCDEF12.js';
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, `${path}.br`), brotliCompressSync('export {};'));
    const server = express()
      .use(staticFiles(directory))
      .use(unknownRoute)
      .use(errorHandler)
      .listen(0);
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const asked = { 'accept-encoding': 'br' };
      expect((await get(path, asked, url)).headers['content-encoding']).to.equal('br');
      await rm(join(directory, 'assets'), { recursive: true });
      const { status, headers, body } = await get(path, asked, url);
      expect([status, headers['content-encoding']]).to.deep.equal([404, undefined]);
      expect(JSON.parse(body.toString())).to.include({ code: 'not_found' });
    } finally {
      server.close();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('are answered by a problem for a path that is none', async () => {
    const { headers } = await get('/assets/%E0', { 'accept-encoding': 'br' });
    expect(headers['content-type']).to.match(/json/);
  });

  it('that only formulas, code in colours, or administrators need are chunks of their own', async () => {
    const first = await Promise.all(
      named()
        .filter((path) => path.endsWith('.js'))
        .map((path) => readFile(`public${path}`, 'utf8')),
    );
    const code = first.join('');
    for (const part of ['katex', 'hljs', 'dompurify', 'model-test'])
      expect(code.includes(part), part).to.equal(false);
  });
});
