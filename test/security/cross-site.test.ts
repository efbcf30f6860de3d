import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from '../browser/person.js';

/** The attempts of a page of another site whose visitor is logged in here. Returns what it could read. */
async function attack(target: string): Promise<string[]> {
  const read: string[] = [];
  const ask = async (path: string, options: RequestInit) => {
    const answer = await fetch(target + path, { credentials: 'include', ...options }).catch(
      () => {},
    );
    if (answer && answer.type !== 'opaque') read.push(`${path} ${answer.status}`);
  };
  const body = JSON.stringify({ title: 'planted', message: 'planted', username: 'planted' });
  const simple = { method: 'POST', body, mode: 'no-cors' as const };
  const json = { body, headers: { 'content-type': 'application/json' } };
  await ask('/users/me', {});
  await ask('/agent/conversations', {});
  for (const path of ['/agent/conversations', '/agent/chat', '/auth/logout', '/auth/refresh']) {
    await ask(path, simple);
    await ask(path, { ...json, method: 'POST' });
  }
  await ask('/users/me', { ...json, method: 'PATCH' });
  await ask('/users/me', { method: 'DELETE' });
  await ask('/socket.io/?EIO=4&transport=polling', {});
  await ask('/socket.io/?EIO=4&transport=polling', { mode: 'no-cors' });
  return read;
}

/** A form needs no permission of its target. */
function submit([action, enctype]: [string, string]): void {
  const form = document.createElement('form');
  const frame = document.createElement('iframe');
  frame.name = 'answer';
  Object.assign(form, { action, enctype, method: 'post', target: frame.name });
  const field = document.createElement('input');
  Object.assign(field, { name: '{"title":"planted","x":"', value: '"}' });
  form.append(field);
  document.body.append(form, frame);
  form.submit();
}

/** Opens a websocket with the visitor's cookies and asks to be let in. Resolves to the first reply. */
function hijack(target: string): Promise<string> {
  const socket = new WebSocket(
    `${target.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
  );
  return new Promise((resolve) => {
    socket.onerror = () => resolve('refused');
    socket.onmessage = ({ data }) => {
      if (String(data).startsWith('0')) socket.send('40');
      else resolve(String(data));
    };
  });
}

describe('a page of another site', () => {
  let app: TestApp;
  let browser: Browser;
  let evil: Server;
  let ada: Person;
  let foreign: Page;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    evil = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title>');
    }).listen(0, '127.0.0.1');
    await once(evil, 'listening');
    ada = await Person.arrive(browser, app.url, 'ada');
    await ada.register();
    foreign = await ada.context.newPage();
    // The loader of the tests marks named functions with a helper that pages lack.
    await foreign.addInitScript('globalThis.__name = (named) => named');
  });
  after(async () => {
    await browser?.close();
    evil?.close();
    await app?.stop();
  });
  /** Another port of the same host is another origin but the same site, so `SameSite` alone would not help. */
  const address = () => `http://127.0.0.1:${(evil.address() as AddressInfo).port}/`;
  beforeEach(() => foreign.goto(address()));

  const state = async () =>
    JSON.stringify([
      await app.rows('SELECT email, username FROM users ORDER BY id'),
      await app.rows('SELECT id, gen, revoked_at FROM sessions ORDER BY id'),
      await app.rows('SELECT id, title FROM conversations ORDER BY id'),
      await app.rows('SELECT id FROM messages ORDER BY id'),
    ]);

  it('reads nothing and changes nothing with them', async () => {
    const before = await state();
    expect(await foreign.evaluate(attack, app.url)).to.deep.equal([]);
    expect(await state()).to.equal(before);
  });

  it('changes nothing with forms either, though the cookies are sent along', async () => {
    const before = await state();
    for (const path of ['/agent/conversations', '/agent/chat', '/auth/logout', '/auth/refresh']) {
      for (const enctype of ['text/plain', 'application/x-www-form-urlencoded']) {
        const answered = foreign.waitForResponse(app.url + path);
        await foreign.evaluate(submit, [app.url + path, enctype] as [string, string]);
        // The first two would be 401 without cookies. A form cannot send the formats of the others.
        const refused = path.startsWith('/auth/') ? 400 : 403;
        expect((await answered).status(), path).to.equal(refused);
        await foreign.goto(address());
      }
    }
    expect(await state()).to.equal(before);
  });

  it('signs nobody in with an account of its own', async () => {
    const cookies = await ada.context.cookies();
    const eve = await app.register('eve');
    const login = JSON.stringify({ email: eve.email, password: eve.password });
    await foreign.evaluate(
      ([url, body]) =>
        fetch(url, { method: 'POST', body, credentials: 'include', mode: 'no-cors' }).catch(
          () => {},
        ),
      [`${app.url}/auth/login`, login] as [string, string],
    );
    expect(await ada.context.cookies()).to.deep.equal(cookies);
  });

  it('is not let into a socket, which the own page is', async () => {
    expect(await foreign.evaluate(hijack, app.url)).to.match(/^44.*origin_not_allowed/);
    expect(await ada.page.evaluate(hijack, app.url)).to.match(/^40\{"sid"/);
  });

  it('cannot frame the page, load its data as script, or hold on to its window', async () => {
    const framed = await foreign.evaluate(async (url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      const script = document.createElement('script');
      script.src = `${url}/users/me`;
      document.body.append(script);
      const result = await new Promise<string>((resolve) => {
        script.onload = () => resolve('loaded');
        script.onerror = () => resolve('refused');
      });
      return { length: frame.contentWindow?.length, result };
    }, app.url);
    expect(framed.result).to.equal('refused');
    const frames = foreign.frames().map((frame) => frame.url());
    expect(frames).to.not.include(`${app.url}/`);

    const [popup] = await Promise.all([
      ada.context.waitForEvent('page'),
      foreign.evaluate((url) => void Reflect.set(window, 'held', window.open(url)), app.url),
    ]);
    await popup.getByRole('textbox', { name: 'Message' }).waitFor();
    expect(await foreign.evaluate(() => Reflect.get(window, 'held').closed)).to.equal(true);
    expect(await popup.evaluate(() => window.opener)).to.equal(null);
  });

  it('leaves the visitor logged in', async () => {
    await ada.page.reload();
    await ada.composer.waitFor();
  });
});
