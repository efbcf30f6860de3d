import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { stop, transform } from 'esbuild';
import type { Browser } from 'playwright-core';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import {
  type ClientProject,
  copyExample,
  createClientProject,
} from '../../../lab/nodes/client-project.js';
import { type Example, runIn } from '../../../lab/nodes/example.js';
import { findPython } from '../../../lab/nodes/programs.js';
import { withKey } from '../../../lab/people/keys.js';
import { freePort } from '../../../lab/stores/redis.js';
import { startTcpProxy, type TcpProxy } from '../../../lab/stores/tcp-proxy.js';
import { launchBrowser } from '../../browser/person.js';
import { readText } from '../../support/markdown.js';

const PIECES = ['Grüße ', '你好 ', '👩‍🚀\u2028 ', 'end.'];
const WHOLE = PIECES.join('');

describe('The example', () => {
  let app: TestApp;
  let ann: Account;
  let program: Account;
  let way: TcpProxy;
  let url: string;

  before(async () => {
    app = await startApp();
    ann = await app.register('ann');
    program = await withKey(app.url, ann, ['chat', 'read']);
    way = await startTcpProxy(Number(new URL(app.url).port));
    url = `http://127.0.0.1:${way.port}`;
  });
  after(async () => {
    await way?.stop();
    await app?.stop();
  });

  const cut = () => {
    way.cut();
    way.heal();
  };

  describe('of a chat in the terminal', () => {
    let project: ClientProject;
    let directory: string;

    before(async () => {
      project = await createClientProject([]);
      directory = await copyExample(project, 'node-chat');
    });
    after(() => project?.remove());

    const chat = (env: Record<string, string>): Example =>
      runIn({ cwd: directory, env: { PARLEY_URL: url, ...env } }, process.execPath, 'chat.js');

    it('streams, survives a lost connection, and stops an answer with Ctrl-C', async () => {
      const [first, second] = [app.upstream.next(), app.upstream.next()];
      const running = chat({ PARLEY_KEY: program.token });
      running.type('What is a lease?\n');
      first.write(PIECES[0] ?? '');
      await running.printed('Grüße ');
      cut();
      await running.printed('[connection lost, it will be back]');
      first.write(...PIECES.slice(1));
      first.finish();
      await running.printed('end.');
      running.type('And what is a fence?\n');
      second.write('A fence keeps');
      await running.printed('A fence keeps');
      running.signal('SIGINT');
      await running.printed('[stopped]');
      running.signal('SIGINT');
      const output = (await running.finished).replace('\n[connection lost, it will be back]\n', '');
      expect(output).to.equal(`> ${WHOLE}\n> A fence keeps\n[stopped]\n> `);
      const { body } = await app.call<{ content: string }[]>('/agent/search?q=fence', {
        token: ann.token,
      });
      expect(JSON.stringify(body)).to.include('And what is a fence?');
    });

    it('logs in with an account', async () => {
      const answer = app.upstream.next();
      answer.write('Hello.');
      answer.finish();
      const running = chat({ PARLEY_EMAIL: 'ann@example.com', PARLEY_PASSWORD: 'SecurePass123!' });
      running.type('Hello?\n');
      await running.printed('Hello.\n> ');
      running.signal('SIGINT');
      expect(await running.finished).to.equal('> Hello.\n> ');
    });
  });

  describe('of a page with React', () => {
    let project: ClientProject;
    let browser: Browser;
    let page: Example | null = null;

    before(async () => {
      const packages = ['react', 'react-dom', 'vite'];
      [project, browser] = await Promise.all([createClientProject(packages), launchBrowser()]);
    });
    after(async () => {
      page?.signal('SIGTERM');
      await browser?.close();
      await project?.remove();
    });

    it('is built by Vite, and shows an answer whose connection is lost', async () => {
      const cwd = await copyExample(project, 'react-vite');
      const vite = (...args: string[]) => {
        const env = { PARLEY_URL: url, NO_COLOR: '1' };
        return runIn(
          { cwd, env },
          process.execPath,
          resolve('node_modules/vite/bin/vite.js'),
          ...args,
        );
      };
      expect(await vite('build').finished).to.match(/dist\/assets\/index-\S+\.js/);
      const port = String(await freePort());
      page = vite('preview', '--host', '127.0.0.1', '--port', port, '--strictPort');
      await page.printed(`http://127.0.0.1:${port}/`);
      const tab = await browser.newPage({ baseURL: `http://127.0.0.1:${port}` });
      await tab.goto('/');
      await tab.getByLabel('Email').fill('ann@example.com');
      await tab.getByLabel('Password').fill('SecurePass123!');
      await tab.getByRole('button', { name: 'Log in', exact: true }).click();
      const held = app.upstream.next();
      await tab.getByLabel('Message').fill('What is a lease?');
      await tab.getByRole('button', { name: 'Send', exact: true }).click();
      held.write(PIECES[0] ?? '');
      await tab.getByText('Grüße').waitFor();
      cut();
      held.write(...PIECES.slice(1));
      await tab.getByText('end.').waitFor();
      held.finish();
      await tab.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'detached' });
      const text = await tab.getByRole('listitem').last().textContent();
      expect(text).to.equal(`Model: ${WHOLE}`);
    });
  });

  it('in Python has the whole text, though its connection is cut', async () => {
    const python = await findPython();
    if (!python) throw new Error('no Python with the packages of the example');
    const held = app.upstream.next();
    const env = { PARLEY_URL: url, PARLEY_KEY: program.token, PYTHONIOENCODING: 'utf-8' };
    const running = runIn({ cwd: 'examples/python', env }, python, 'chat.py', 'What is it?');
    held.write(PIECES[0] ?? '');
    await running.printed('Grüße ');
    cut();
    held.write(...PIECES.slice(1));
    held.finish();
    expect(await running.finished).to.equal(`${WHOLE}\n[completed]\n`);
  });
});

describe('The examples', () => {
  after(() => stop());

  const SOURCES = /\.(dart|js|jsx|kt|py|swift|tsx)$/;
  const files = async () =>
    (await readdir('examples', { recursive: true }))
      .filter((name) => SOURCES.test(name) && !name.includes('node_modules'))
      .map((name) => join('examples', name));
  const contract = async () => {
    const all = await readdir('src/contract', { recursive: true });
    const names = all.filter((name) => name.endsWith('.ts'));
    return (await Promise.all(names.map((name) => readText(join('src/contract', name))))).join(
      '\n',
    );
  };
  /** Names of Socket.IO itself. */
  const OF_SOCKETS = ['websocket', 'token', 'protocol', 'ok', 'error', 'code', 'retryable'];

  it('use only events that exist', async () => {
    const text = await contract();
    let count = 0;
    for (const file of await files()) {
      const code = await readText(file);
      const sockets = [...code.matchAll(/["']((?!node:|dart:)\w+:\w+)["']/g)].map(
        ([, name]) => `'${name}': `,
      );
      const streams = [...code.matchAll(/(?:case |^ +)"(\w+)"(?:: | -> )/gm)].map(
        ([, name]) => `\n  ${name}: `,
      );
      for (const name of [...sockets, ...streams])
        expect(text, `${file}: ${name}`).to.include(name);
      count += sockets.length + streams.length;
    }
    expect(count).to.be.greaterThan(15);
  });

  it('use only fields that exist', async () => {
    const text = await contract();
    const fields = new Set([...text.matchAll(/\b(\w+)\??: /g)].map(([, name]) => name));
    const known = (name: string) => fields.has(name) || OF_SOCKETS.includes(name);
    let count = 0;
    for (const file of await files()) {
      const code = await readText(file);
      const read = [...code.matchAll(/\[["']([a-z]\w*)["']\]|\.(?:get|opt|put)\w*\("([a-z]\w*)"/g)];
      const written = [...code.matchAll(/["'](\w+)["']: /g)];
      const names = [...read, ...written].map(([, a, b]) => a ?? b ?? '');
      const inSdk = /\.[jt]sx?$/.test(file) ? (code.match(/\b[a-z]+_[a-z_]+\b/g) ?? []) : [];
      for (const name of [...names, ...inSdk])
        expect(known(name), `${file}: ${name}`).to.equal(true);
      count += names.length + inSdk.length;
    }
    expect(count).to.be.greaterThan(60);
  });

  it('use only calls that exist', async () => {
    const page = await readText('docs/protocol.md');
    for (const file of await files()) {
      const code = await readText(file);
      for (const [, path = ''] of code.matchAll(/["'](\/agent\/[^"'?]+)["']/g)) {
        const call = path.replace(/\\\(\w+\)|\$\w+/g, ':id');
        expect(page, `${file}: ${path}`).to.match(new RegExp(`(GET|POST) ${call}\``));
      }
    }
  });

  it('are written in syntax that their compilers know, where these are here', async () => {
    for (const file of await files()) {
      const loader = /\.(jsx?|tsx)$/.exec(file)?.[1];
      if (loader) await transform(await readText(file), { loader: loader as 'js' });
    }
  });

  it('take the package of this version', async () => {
    const { version } = JSON.parse(await readText('package.json'));
    for (const name of ['node-chat', 'react-vite']) {
      const { dependencies } = JSON.parse(await readText(`examples/${name}/package.json`));
      expect(dependencies['parley-client']).to.equal(`file:../../parley-client-${version}.tgz`);
    }
  });

  it('are all named on their page', async () => {
    const page = await readText('examples/README.md');
    const entries = await readdir('examples', { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.length).to.be.greaterThan(5);
    for (const name of folders) expect(page).to.include(`[${name}](${name})`);
  });
});
