import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { storeConversation } from '../../lab/stores/long-conversation.js';
import { launchBrowser, Person } from './person.js';

const MESSAGES = 120;
const PAST = {
  question: 'Question {n} about 河流',
  answer: `Answer {n} begins.\n\n${'- an item with **bold** words\n'.repeat(8)}\n\nAnswer {n} ends.`,
};

/** The texts of the messages that are in the document, without blanks, by id. */
const ROWS = `Object.fromEntries(
  [...document.querySelectorAll('.column > .message')].map((row) => [
    row.id.slice('message-'.length),
    row.querySelector('.bubble, .markdown')?.textContent.replace(/\\s/g, ''),
  ]),
)`;

describe('a long conversation', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;
  let conversation = 0;
  let ids: string[] = [];

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    ada = await Person.member(browser, app.url, `ada${serial}`);
    const [user] = await app.rows<{ id: number }>(
      'SELECT id::int FROM users ORDER BY users.id DESC LIMIT 1',
    );
    const userId = user?.id ?? 0;
    conversation = await storeConversation(app.databaseUrl, {
      userId,
      messages: MESSAGES,
      ...PAST,
    });
    ids = (
      await app.rows<{ id: string }>(
        'SELECT id::text FROM messages WHERE conversation_id = $1 ORDER BY messages.id',
        [conversation],
      )
    ).map(({ id }) => id);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const shown = (): Promise<Record<string, string>> => ada.page.evaluate(ROWS);
  const countShown = async () => Object.keys(await shown()).length;
  const textAt = (index: number): string => {
    const n = `${index + 1}`;
    const items = 'an item with bold words'.repeat(8);
    const answer = `Answer ${n} begins.${items}Answer ${n} ends.`;
    return (index % 2 === 0 ? PAST.question.replace('{n}', n) : answer).replace(/\s/g, '');
  };

  const open = async () => {
    await ada.page.goto(`/#/c/${conversation}`);
    await ada.page.locator('.answer-tools').last().waitFor({ state: 'attached' });
    await ada.page.getByText(`Answer ${MESSAGES} ends.`).waitFor();
  };
  const scrollBy = async (screens: number) => {
    await ada.page.evaluate(
      `new Promise((resolve) => {
        const frame = document.querySelector('.scroller');
        frame.scrollBy({ top: ${screens} * frame.clientHeight, behavior: 'instant' });
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      })`,
    );
  };
  /** The message in the middle of the view, and where it is, once the page does not move. */
  const atRest = async (): Promise<[id: string, top: number]> => {
    const look = (): Promise<[string, number]> =>
      ada.page.evaluate(`(() => {
        const row = [...document.querySelectorAll('.column > .message')].find(
          (element) => element.getBoundingClientRect().bottom > 350,
        );
        return [row.id.slice('message-'.length), Math.round(row.getBoundingClientRect().top)];
      })()`);
    for (let last = ''; ; ) {
      const now = await look();
      if (String(now) === last) return now;
      last = String(now);
      await scrollBy(0);
    }
  };
  const loadAll = async () => {
    const more = ada.page.locator('.load-older');
    while ((await more.count()) > 0) {
      await ada.page.evaluate(`document.querySelector('.load-older')?.click()`);
      await ada.page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    }
  };

  it('has only messages near the view in the document, and each with its exact text in both directions', async () => {
    await open();
    await loadAll();
    const seen: Record<string, string> = {};
    const walk = async (screens: number) => {
      for (let last = Number.NaN; ; ) {
        const rows = await shown();
        expect(Object.keys(rows).length).to.be.lessThan(MESSAGES / 2);
        Object.assign(seen, rows);
        const top: number = await ada.page.evaluate(
          `document.querySelector('.scroller').scrollTop`,
        );
        if (top === last) return;
        last = top;
        await scrollBy(screens);
      }
    };
    const exact = Object.fromEntries(ids.map((id, index) => [id, textAt(index)]));
    await walk(-1);
    expect(seen).to.deep.equal(exact);
    for (const id of Object.keys(seen)) delete seen[id];
    await walk(1);
    expect(seen).to.deep.equal(exact);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('keeps what a reader sees in place while an answer is written below', async () => {
    await open();
    const answer = app.upstream.next();
    await ada.say('Go on');
    answer.write('Begun. ');
    await ada.sees('Begun.');
    const jump = ada.page.getByRole('button', { name: 'Jump to the latest message' });
    await ada.page.locator('.scroller').hover();
    await ada.page.mouse.wheel(0, -2_000);
    await jump.waitFor();
    const before = await atRest();
    for (let i = 0; i < 40; i += 1) answer.write(`Paragraph ${i} of it.\n\n`);
    await ada.sees('Paragraph 39 of it.');
    expect(await atRest()).to.deep.equal(before);
    answer.finish();
    await ada.answerEnds();
    await jump.click();
    await jump.waitFor({ state: 'detached' });
    expect(await countShown()).to.be.lessThan(40);
  });

  for (const anchors of [true, false])
    it(`keeps what a reader sees in place while older messages are put above, in a browser that ${anchors ? 'does' : 'does not do'} so by itself`, async () => {
      if (!anchors) await ada.page.addInitScript('CSS.supports = () => false');
      await ada.page.reload();
      await open();
      if (!anchors)
        await ada.page.evaluate(
          `document.querySelector('.scroller').style.overflowAnchor = 'none'`,
        );
      const more = ada.page.locator('.load-older');
      for (let page = 0; page < 2; page += 1) {
        await ada.page.evaluate(`document.querySelector('.scroller').scrollTo({ top: 0 })`);
        const [id, top] = await atRest();
        await more.evaluate((button: HTMLElement) => button.click());
        const previous = ids[ids.indexOf(`${id}`) - 1] ?? '';
        await ada.page.locator(`#message-${previous}`).waitFor({ state: 'attached' });
        await scrollBy(0);
        const now = await ada.page.evaluate(
          `document.getElementById('message-${id}').getBoundingClientRect().top`,
        );
        expect(now).to.be.closeTo(Number(top), 2);
      }
    });

  it('goes to a message far away, and shows what is around it', async () => {
    await open();
    await loadAll();
    const target = 21;
    await ada.page.evaluate(`location.hash = '#/c/${conversation}/m/${ids[target]}'`);
    const row = ada.page.locator(`#message-${ids[target]}`);
    await eventually(
      () => row.evaluate((element) => element === document.activeElement).catch(() => false),
      (focused) => focused,
    );
    const rows = await shown();
    for (const index of [target - 1, target, target + 1])
      expect(rows[ids[index] ?? '']).to.equal(textAt(index));
    const box = await row.boundingBox();
    expect(box?.y).to.be.within(0, 800);
  });

  it('keeps selected messages in the document, wherever the reader goes', async () => {
    await open();
    await loadAll();
    const selected = (): Promise<string> =>
      ada.page.evaluate(`getSelection().toString().replace(/\\s/g, '')`);
    const last = ids.at(-2);
    await ada.page.evaluate(`getSelection().selectAllChildren(
      document.querySelector('#message-${last} .bubble'))`);
    for (let i = 0; i < 12; i += 1) await scrollBy(-1);
    expect(await selected()).to.equal(textAt(MESSAGES - 2));
    await ada.page.evaluate('getSelection().removeAllRanges()');
    expect(await countShown()).to.be.lessThan(40);
    await ada.page.locator('.scroller').focus();
    await ada.page.keyboard.press('Control+a');
    await eventually(selected, (text) =>
      [0, 40, MESSAGES - 1].every((index) => text.includes(textAt(index))),
    );
  });

  it('prints all messages', async () => {
    await open();
    await loadAll();
    await ada.page.evaluate(`window.rows = 0; addEventListener('beforeprint', () =>
      queueMicrotask(() => queueMicrotask(() => {
        window.rows = document.querySelectorAll('.column > .message').length;
      })))`);
    await ada.page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    expect(await ada.page.evaluate('window.rows')).to.equal(MESSAGES);
    await ada.page.evaluate(`dispatchEvent(new Event('afterprint'))`);
    await eventually(countShown, (count) => count < 40);
  });

  it('keeps a selection in the answer while hundreds of pieces of it arrive', async () => {
    const answer = app.upstream.next();
    await ada.say('Tell me');
    answer.write('The first words stay.\n\n- one\n- two\n\nNow ');
    await ada.sees('The first words stay.');
    await ada.page.evaluate(`getSelection().selectAllChildren(
      document.querySelector('.message-assistant .markdown > .block'))`);
    for (let i = 0; i < 500; i += 1) {
      answer.write(i % 25 === 24 ? `word ${i}.\n\n` : `word ${i} `);
      if (i % 50 === 0) await ada.sees(`word ${i}`);
    }
    await ada.sees('word 499');
    expect(await ada.page.evaluate('getSelection().toString().trim()')).to.equal(
      'The first words stay.',
    );
    answer.finish();
    await ada.answerEnds();
    expect(await ada.page.evaluate('getSelection().toString().trim()')).to.equal(
      'The first words stay.',
    );
  });
});
