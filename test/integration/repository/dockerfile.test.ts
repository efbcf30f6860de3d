import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { freePort } from '../../../lab/stores/redis.js';
import { readText } from '../../support/markdown.js';

const run = promisify(execFile);

describe('The Dockerfile', () => {
  let app: TestApp;
  let build: string;
  let final: string;

  before(async () => {
    app = await startApp();
    const text = (await readText('Dockerfile')).replace(/\\\n/g, ' ');
    [, build = '', final = ''] = text.split(/^FROM /m);
  });

  after(() => app?.stop());

  const line = (stage: string, word: string) =>
    new RegExp(`^${word}\\b *(.*)$`, 'm').exec(stage)?.[1]?.trim() ?? '';

  it('leaves what only developers need behind', () => {
    expect(build).to.include('npm ci').and.include('npm prune --omit=dev');
    expect(final).to.not.match(/npm|COPY(?! --from=build)/);
  });

  it('takes what a node runs from, and no more', () => {
    const copied = [...final.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, from = '']) =>
      from.split(' '),
    );
    expect(copied.map((path) => path.replace('/app/', ''))).to.have.members([
      ...['package.json', 'LICENSE', 'node_modules', 'migrations', 'public', 'dist'],
    ]);
  });

  it('runs node itself, so that signals reach it, and not as root', () => {
    expect(line(final, 'USER')).to.equal('node');
    expect(JSON.parse(line(final, 'CMD'))).to.deep.equal(['node', 'dist/index.js']);
    expect(line(final, 'STOPSIGNAL')).to.equal('SIGTERM');
  });

  it('keeps secrets and data out of what is sent to the builder', async () => {
    const ignored = (await readText('.dockerignore')).split('\n');
    expect(ignored).to.include.members(['.env', '.data', '.git', 'node_modules', 'dist']);
  });

  it('checks the health of a node by its readiness', async () => {
    const [program = '', ...args]: string[] = JSON.parse(
      /CMD (.*)$/.exec(line(final, 'HEALTHCHECK'))?.[1] ?? '',
    );
    const check = (port: number) =>
      run(program, args, { env: { ...process.env, PORT: String(port) } }).then(
        () => 0,
        ({ code }) => code,
      );
    const unready: Server = createServer((_, response) => response.writeHead(503).end());
    await once(unready.listen(0, '127.0.0.1'), 'listening');
    const { port } = unready.address() as AddressInfo;
    const checks = [Number(new URL(app.url).port), port, await freePort()].map(check);
    const results = await Promise.all(checks).finally(() => unready.close());
    expect(results).to.deep.equal([0, 1, 1]);
  });

  it('has every package that the server imports', async () => {
    const { dependencies } = JSON.parse(await readText('package.json'));
    const files = (await readdir('src', { recursive: true })).filter(
      (name) => /\.[jt]s$/.test(name) && !name.startsWith('web'),
    );
    const known = new Set([...Object.keys(dependencies), ...builtinModules]);
    for (const file of files) {
      const text = await readText(join('src', file));
      for (const [, target = ''] of text.matchAll(/\b(?:from|import)[ (]'([^'.][^']*)'/g)) {
        const [, name] = /^(?:node:)?(@[^/]+\/[^/]+|[^/]+)/.exec(target) ?? [];
        expect(known.has(name ?? ''), `${file}: ${target}`).to.equal(true);
      }
    }
  });
});
