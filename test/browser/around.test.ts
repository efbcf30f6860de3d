import { expect } from 'chai';
import type { Browser, Locator } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer, echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';
import { atRest, wheelUp } from './scrolling.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const LONG = Array.from({ length: 60 }, (_, index) => `Paragraph ${index + 1}\n\n`);

describe('the way around the page', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(() => app.upstream.otherwise(echo()));
  afterEach(function () {
    return ada?.leave(this.currentTest);
  });

  const arrive = async (options: object = {}) => {
    serial += 1;
    ada = await Person.member(browser, app.url, `walker${serial}`, options);
  };
  const asks = async (text: string) => {
    await ada.page.evaluate(() => {
      location.hash = '#/';
    });
    await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
    await ada.composer.fill(text);
    await ada.page.getByRole('button', { name: 'Send' }).click();
    await ada.answerEnds();
    await ada.page.getByRole('heading', { name: text }).waitFor();
  };
  const list = () => ada.page.getByRole('navigation', { name: 'Conversations' });
  const menu = () => ada.page.getByRole('button', { name: 'Open conversations' });
  const isOpen = () => list().waitFor({ state: 'visible' });
  const isClosed = () => ada.page.locator('.shell:not(.drawer-open):not([data-drag])').waitFor();
  const isFocused = (place: Locator) => place.and(ada.page.locator(':focus')).waitFor();

  /** One finger that touches down at the first point, moves along the others, and is lifted. */
  const swipe = async (...points: [x: number, y: number][]) => {
    const cdp = await ada.context.newCDPSession(ada.page);
    for (const [index, [x, y]] of points.entries()) {
      const type = index === 0 ? 'touchStart' : 'touchMove';
      await cdp.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y }] });
    }
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await cdp.detach();
  };

  it('closes the drawer with the back button, and goes on from it without a step too many', async () => {
    await arrive(PHONE);
    await asks('Alpha');
    await asks('Beta');
    await menu().tap();
    await isOpen();
    await isFocused(ada.page.getByRole('button', { name: 'Close conversations' }).first());
    await ada.page.goBack();
    await isClosed();
    await isFocused(menu());
    await ada.page.getByRole('heading', { name: 'Beta' }).waitFor();
    await menu().tap();
    await list().getByRole('link', { name: 'Alpha', exact: true }).tap();
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    await isClosed();
    await ada.page.goBack();
    await ada.page.getByRole('heading', { name: 'Beta' }).waitFor();
    await menu().tap();
    await isOpen();
    await ada.page.keyboard.press('Escape');
    await isClosed();
    await isFocused(menu());
    expect(ada.complaints).to.deep.equal([]);
  });

  it('goes back one step only, when the drawer is closed twice', async () => {
    await arrive(PHONE);
    await asks('Alpha');
    await asks('Beta');
    await menu().tap();
    await isOpen();
    await ada.page.locator('.drawer-shade').evaluate((shade: HTMLElement) => {
      shade.click();
      shade.click();
    });
    await isClosed();
    await ada.page.getByRole('heading', { name: 'Beta' }).waitFor();
    await ada.page.goBack();
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('keeps the drawer open when its conversation is deleted, and no step leads back to it', async () => {
    await arrive(PHONE);
    await asks('Alpha');
    await asks('Beta');
    const removes = async (title: string) => {
      await menu().tap();
      await isOpen();
      await list()
        .getByRole('button', { name: `Actions for “${title}”` })
        .tap();
      await ada.page.getByRole('menuitem', { name: 'Delete' }).tap();
      await list().getByRole('link', { name: title, exact: true }).waitFor({ state: 'detached' });
      expect(await ada.page.locator('.drawer-open').count()).to.equal(1);
    };
    const goesBack = async () => {
      await ada.page.goBack();
      await isClosed();
      await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
      expect(await ada.page.evaluate(() => location.hash)).to.equal('#/');
    };
    await removes('Beta');
    await list().getByRole('link', { name: 'Alpha', exact: true }).tap();
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    await isClosed();
    await removes('Alpha');
    await goesBack();
    await goesBack();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('leaves a menu open while an answer scrolls the thread, and closes it when its own place scrolls', async () => {
    await arrive({ viewport: { width: 1280, height: 500 } });
    const headers = { origin: app.url };
    for (let index = 0; index < 14; index += 1) {
      const data = { title: `Row ${index}` };
      await ada.context.request.post('/agent/conversations', {
        data,
        headers,
        failOnStatusCode: true,
      });
    }
    const held = app.upstream.next();
    await ada.say('Write');
    held.write('Begin');
    await ada.sees('Begin');
    const opener = list().getByRole('button', { name: 'Actions for “Row 13”' });
    await opener.click();
    const menuItem = ada.page.getByRole('menuitem', { name: 'Rename' });
    await isFocused(menuItem);
    const scroller = ada.page.locator('.scroller');
    const before = await scroller.evaluate((element) => element.scrollTop);
    held.write(LONG.join(''));
    await eventually(
      () => scroller.evaluate((element) => element.scrollTop),
      (top) => top > before + 500,
    );
    await isFocused(menuItem);
    await list().getByRole('link', { name: 'Row 5', exact: true }).hover();
    await ada.page.mouse.wheel(0, 100);
    await menuItem.waitFor({ state: 'detached' });
    held.end();
    await ada.answerEnds();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('opens and closes the drawer with a finger, from right to left too', async () => {
    await arrive(PHONE);
    await asks('Alpha');
    await swipe([60, 400], [100, 402], [180, 404], [300, 406]);
    await isOpen();
    await ada.page.locator('.drawer-open:not([data-drag])').waitFor();
    await swipe([300, 400], [250, 402], [150, 404], [30, 406]);
    await isClosed();
    await isFocused(menu());
    // Neither a scroll nor a swipe the wrong way opens the drawer.
    await swipe([200, 300], [205, 350], [215, 420], [300, 560]);
    await swipe([300, 400], [250, 402], [150, 404], [30, 406]);
    expect(await ada.page.locator('.drawer-open').count()).to.equal(0);
    await ada.page.evaluate(() => {
      document.documentElement.dir = 'rtl';
    });
    await swipe([330, 400], [280, 402], [180, 404], [60, 406]);
    await isOpen();
    const box = await eventually(
      () => list().boundingBox(),
      (at) => at !== null && Math.round(at.x + at.width) === 390,
    );
    expect(box?.x).to.be.greaterThan(0);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('leaves a finger to code and tables that scroll sideways', async () => {
    await arrive(PHONE);
    app.upstream.script(answer(['```\n', 'x'.repeat(400), '\n```\n']));
    await asks('Wide');
    const code = ada.answers.last().locator('pre');
    await code.evaluate((element) => {
      element.scrollLeft = 300;
    });
    const at = await code.boundingBox();
    const y = (at?.y ?? 0) + 20;
    await swipe([80, y], [120, y + 1], [200, y + 2], [320, y + 3]);
    await eventually(
      () => code.evaluate((element) => element.scrollLeft),
      (left) => left < 200,
    );
    expect(await ada.page.locator('.drawer-open').count()).to.equal(0);
  });

  it('keeps the place in a thread over back and forward, and begins at the end by a link', async () => {
    await arrive();
    app.upstream.script(answer(LONG));
    await asks('Long');
    await asks('Short');
    const scroller = ada.page.locator('.scroller');
    const top = () => scroller.evaluate((element) => element.scrollTop);
    const link = (name: string) => list().getByRole('link', { name, exact: true });
    await link('Long').click();
    await ada.page.getByText('Paragraph 60').waitFor();
    const atEnd = () =>
      scroller.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 48);
    await eventually(atEnd, (is) => is);
    await wheelUp(scroller, 900);
    await ada.page.getByRole('button', { name: 'Jump to the latest message' }).waitFor();
    const left = await atRest(scroller);
    await link('Short').click();
    await ada.page.getByRole('heading', { name: 'Short' }).waitFor();
    await ada.page.goBack();
    await ada.page.getByRole('heading', { name: 'Long' }).waitFor();
    await eventually(top, (now) => Math.abs(now - left) <= 2);
    await ada.page.getByRole('button', { name: 'Jump to the latest message' }).waitFor();
    await ada.page.goBack();
    await ada.page.getByRole('heading', { name: 'Short' }).waitFor();
    await ada.page.goForward();
    await ada.page.getByRole('heading', { name: 'Long' }).waitFor();
    await eventually(top, (now) => Math.abs(now - left) <= 2);
    await link('Short').click();
    await ada.page.getByRole('heading', { name: 'Short' }).waitFor();
    await link('Long').click();
    await ada.page.getByRole('heading', { name: 'Long' }).waitFor();
    await eventually(atEnd, (is) => is);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('prints all of a conversation, also what is not loaded, and no controls', async () => {
    await arrive();
    await ada.page.evaluate(() => {
      window.print = () => document.documentElement.setAttribute('data-printed', '');
    });
    await asks('Rainbows');
    const [{ id = 0 } = {}] = await app.rows<{ id: number }>(
      `SELECT max(conversation_id) AS id FROM messages`,
    );
    // A long branch above what is loaded.
    await app.rows(
      `WITH RECURSIVE leaf AS (SELECT max(id) AS id FROM messages WHERE conversation_id = $1), made AS (
         INSERT INTO messages (id, conversation_id, parent_id, role, content)
         SELECT leaf.id + n, $1, leaf.id + n - 1, 'assistant', 'Filler **' || n || '**' FROM leaf, generate_series(1, 230) n
         RETURNING id)
       UPDATE conversations SET active_message_id = (SELECT max(id) FROM made) WHERE id = $1`,
      [id],
    );
    await app.rows(
      `SELECT setval(pg_get_serial_sequence('messages', 'id'), (SELECT max(id) FROM messages))`,
    );
    await ada.page.evaluate(() => {
      location.hash = '#/';
    });
    await ada.page.reload();
    await ada.page.evaluate(() => {
      window.print = () => document.documentElement.setAttribute('data-printed', '');
    });
    await list()
      .getByRole('link', { name: /^Rainbows/ })
      .click();
    await ada.sees('230');
    await ada.composer.focus();
    await ada.page.keyboard.press('Control+p');
    await ada.page.locator('html[data-printed]').waitFor();
    await ada.page.emulateMedia({ media: 'print' });
    const sheet = ada.page.locator('.print-sheet');
    expect(await sheet.locator('article').count()).to.equal(232);
    await sheet.getByText('echo: Rainbows').waitFor({ state: 'visible' });
    expect(await sheet.locator('article').last().locator('strong').textContent()).to.equal('230');
    for (const part of ['.sidebar', '.composer', '.scroller', '.message-tools'])
      expect(await ada.page.locator(part).first().isVisible(), part).to.equal(false);
    expect(await ada.page.getByRole('button').count()).to.equal(0);
    await ada.page.emulateMedia({ media: null });
    await ada.page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await sheet.waitFor({ state: 'detached' });
    await isFocused(ada.composer);

    await ada.page.getByRole('button', { name: 'More', exact: true }).click();
    await ada.page.getByRole('menuitem', { name: 'Print' }).click();
    await sheet.locator('article').nth(231).waitFor({ state: 'attached' });
    await ada.page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await sheet.waitFor({ state: 'detached' });
    expect(ada.complaints).to.deep.equal([]);
  });

  it('prints formatted what was opened before the formatting had come', async () => {
    await arrive();
    app.upstream.script(answer(['It is **square**.']));
    await asks('Form');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await ada.page.route(/\/formatting-/, async (route) => {
      await held;
      await route.continue();
    });
    await ada.page.reload();
    await ada.page.clock.install();
    await ada.page.getByText('It is **square**.').first().waitFor();
    await ada.page.evaluate(() => {
      window.print = () => {
        const { length } = document.querySelectorAll('.print-sheet strong');
        document.documentElement.setAttribute('data-printed', String(length));
      };
    });
    await ada.page.keyboard.press('Control+p');
    await ada.page.locator('.print-sheet').getByText('**square**').waitFor({ state: 'attached' });
    await ada.page.clock.runFor(1_000);
    release();
    await ada.page.locator('html[data-printed]').waitFor({ state: 'attached' });
    expect(await ada.page.locator('html').getAttribute('data-printed')).to.equal('1');
    await ada.page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(ada.complaints).to.deep.equal([]);
  });

  it('prints formulas whose code is still on its way as formulas', async () => {
    await arrive();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const asked = ada.page.waitForRequest(/\/typesetter-/);
    await ada.page.route(/\/typesetter-/, async (route) => {
      await held;
      await route.continue();
    });
    app.upstream.script(answer(['It is $x^2$.']));
    await asks('Square');
    await asked;
    await ada.page.clock.install();
    await ada.page.evaluate(() => {
      window.print = () => {
        const { length } = document.querySelectorAll('.print-sheet [role=math]');
        document.documentElement.setAttribute('data-printed', String(length));
      };
    });
    await ada.page.keyboard.press('Control+p');
    await ada.page.locator('.print-sheet').getByText('$x^2$').waitFor({ state: 'attached' });
    await ada.page.clock.runFor(1_000);
    release();
    await ada.page.locator('html[data-printed]').waitFor({ state: 'attached' });
    expect(await ada.page.locator('html').getAttribute('data-printed')).to.equal('1');
    await ada.page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(ada.complaints).to.deep.equal([]);
  });

  it('tells screen readers that an answer is written, that it is complete, and its text without Markdown', async () => {
    await arrive();
    await asks('First');
    const held = app.upstream.next();
    const live = ada.page.locator('.scroll-frame > [aria-live]');
    await live.evaluate((element) => {
      Object.assign(window, { said: [] });
      new MutationObserver(() => {
        (window as unknown as { said: unknown[] }).said.push(element.textContent);
      }).observe(element, { childList: true, characterData: true, subtree: true });
    });
    await ada.say('Second');
    for (const piece of ['A **bold** word.\n\n', '- one\n- two\n\n', '```js\nlet x;\n```\n'])
      held.write(piece);
    await ada.sees('let x;');
    held.finish();
    await ada.answerEnds();
    const said = () => ada.page.evaluate(() => (window as unknown as { said: string[] }).said);
    const all = await eventually(said, (texts) => texts.length > 1);
    expect(all.map((text) => text.replace(/\s+/g, ' '))).to.deep.equal([
      'Parley is answering.',
      'The answer is complete. A bold word. one two let x;',
    ]);
  });

  it('tells when each message came, under the pointer and to screen readers', async () => {
    await arrive({ timezoneId: 'Asia/Shanghai' });
    await asks('Rainbows');
    for (const message of [ada.questions.last(), ada.answers.last()]) {
      await message.hover();
      const time = message.locator('time');
      await time.waitFor({ state: 'visible' });
      const at = (await time.getAttribute('datetime')) ?? '';
      expect(Math.abs(Date.now() - Date.parse(at))).to.be.below(600_000);
      expect(await time.textContent()).to.match(/^\d{1,2}:\d\d\s[AP]M$/);
      expect(await time.getAttribute('title')).to.match(/^\w+day, \w+ \d/);
    }
    expect(ada.complaints).to.deep.equal([]);
  });
});
