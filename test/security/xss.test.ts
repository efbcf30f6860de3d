import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import type { Device } from '../../lab/people/device.js';
import type { TokenResponse } from '../../src/contract/accounts.js';
import { launchBrowser, PASSWORD, Person } from '../browser/person.js';
import { CORPUS } from './xss-corpus.js';

/** The elements that an answer may consist of. */
const TAGS = new Set(
  `A B BLOCKQUOTE BR CODE DD DEL DETAILS DIV DL DT EM H1 H2 H3 H4 H5 H6 HR I KBD LI MARK OL P PRE S SPAN STRONG
   SUB SUMMARY SUP TABLE TBODY TD TH THEAD TR U UL FIGURE FIGCAPTION BUTTON MARK`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  'href target rel align dir lang open start title class type tabindex role aria-label aria-live aria-pressed'.split(
    ' ',
  ),
);

/** Attacks at a time: a busy machine must answer and show each in time. */
const AT_ONCE = 10;

/** Small, so that the page also shows halves of tags. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,23}/g) ?? [];

describe('answers that attack the page', () => {
  let app: TestApp;
  let browser: Browser;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  /** A user with an open conversation, in which another device of theirs can ask. */
  const reader = async (name: string, options: object) => {
    const person = await Person.arrive(browser, app.url, name, options);
    await person.register();
    await person.say('first');
    await person.answerEnds();
    const body = { email: `${name}@example.com`, password: PASSWORD };
    const login = await app.call<TokenResponse>('/auth/login', { body });
    const { access_token: token = '', user } = login.body;
    const account = { ...user, password: PASSWORD, token, refreshToken: '' };
    return { person, device: await app.device(account) };
  };

  /** Answers of one conversation come one after another, in the order of asking. */
  const ask = (device: Device, conversation_id: number, from: number, index: number) =>
    device.ask('message:send', {
      conversation_id,
      client_id: `attack-${from}-${index}`,
      content: `${from + index}`,
    });

  /** Everything about the page that an answer must not change. */
  const outside = (person: Person) =>
    person.page.evaluate(() => {
      const copy = document.documentElement.cloneNode(true) as HTMLElement;
      for (const part of copy.querySelectorAll('.scroller, nav, [aria-live]'))
        part.replaceChildren();
      return { html: copy.outerHTML, globals: Object.keys(window), title: document.title };
    });

  const watch = async (person: Person) => {
    const seen: string[] = [];
    const { page } = person;
    await person.context.exposeBinding('pwned', () => void seen.push('script ran'));
    page.on('dialog', (dialog) => {
      seen.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${app.url}/`)) seen.push(`request ${url}`);
    });
    page.on('framenavigated', (frame) => seen.push(`navigated ${frame.url()}`));
    page.on('popup', () => seen.push('popup'));
    page.on('frameattached', () => seen.push('frame'));
    return seen;
  };

  const attacked = async (name: string, options: object) => {
    const { person, device } = await reader(name, options);
    const seen = await watch(person);
    const before = await outside(person);
    const { conversations } = await device.ask('conversation:list', {});
    const id = conversations[0]?.id ?? 0;
    await device.ask('conversation:open', { conversation_id: id });
    for (let from = 0; from < CORPUS.length; from += AT_ONCE) {
      const end = `shown from ${from}`;
      const texts = [...CORPUS.slice(from, from + AT_ONCE), end];
      app.upstream.script(...texts.map((text) => answer(pieces(text))));
      await Promise.all(texts.map((_, index) => ask(device, id, from, index)));
      await person.sees(end).catch((cause: unknown) => {
        throw new Error(`the page broke: ${seen.slice(0, 5)}`, { cause });
      });
      await person.answerEnds();
    }
    return { person, seen, before };
  };

  it('run nothing, send nothing and change nothing but their own text, even without the CSP', async () => {
    const { person, seen, before } = await attacked('eva', { bypassCSP: true });
    // A print has all of them in the document, not only those near the view.
    await person.page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await eventually(
      () => person.answers.count(),
      (count) => count > CORPUS.length,
    );
    const found = await person.page.evaluate(() =>
      [...document.querySelectorAll('.markdown .block, .markdown .block *, .markdown pre *')].map(
        (element) => ({
          tag: element.tagName,
          attributes: element.getAttributeNames(),
          href: element.getAttribute('href'),
          rel: element.getAttribute('rel'),
          target: element.getAttribute('target'),
        }),
      ),
    );
    expect(seen).to.deep.equal([]);
    expect(await outside(person)).to.deep.equal(before);
    expect(found.length).to.be.greaterThan(CORPUS.length);
    for (const { tag, attributes, href, rel, target } of found) {
      expect(TAGS.has(tag), tag).to.equal(true);
      expect(attributes.filter((attribute) => !ATTRIBUTES.has(attribute))).to.deep.equal([]);
      if (href === null) continue;
      expect(href).to.match(/^(https?:\/\/|mailto:)/i);
      expect([rel, target]).to.deep.equal(['noopener noreferrer nofollow', '_blank']);
    }
    await person.leave();
  });
});
