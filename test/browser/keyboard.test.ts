import type { Browser } from 'playwright-core';
import { echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

describe('the whole way with nothing but a keyboard', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    app.upstream.otherwise(echo());
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(function () {
    return ada?.leave(this.currentTest);
  });

  const press = (...keys: string[]) =>
    keys.reduce(
      (before, key) => before.then(() => ada.page.keyboard.press(key)),
      Promise.resolve(),
    );
  const type = (text: string) => ada.page.keyboard.type(text);
  /** Presses a key until the focused element has this name. */
  const goTo = async (name: string, key = 'Tab') => {
    const passed: string[] = [];
    while (passed.length < 60) {
      const now = await ada.page.evaluate(() => {
        const element = document.activeElement;
        const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
        return element?.ariaLabel ?? label ?? element?.textContent ?? '';
      });
      if (now === name) return;
      passed.push(now);
      await press(key);
    }
    throw new Error(`“${name}” was not reached by ${key}, only ${passed.join(', ')}`);
  };

  it('leads from the first account to an answer, another one, another title, and out', async () => {
    ada = await Person.arrive(browser, app.url, 'typist');
    const { page } = ada;
    await goTo('Create account');
    await press('Enter');
    await page.getByRole('heading', { name: 'Create your account' }).waitFor();
    await goTo('Email');
    await type('typist@example.com');
    await goTo('Name');
    await type('typist');
    await goTo('Password');
    await type(PASSWORD);
    await press('Enter');
    await ada.composer.and(page.locator(':focus')).waitFor();
    await type('A question');
    await press('Enter');
    await ada.sees('echo: A question');
    await ada.answerEnds();
    await press('ArrowUp');
    await page
      .getByRole('textbox', { name: 'Edit question' })
      .and(page.locator(':focus'))
      .waitFor();
    await type(' again');
    await press('Enter');
    await ada.sees('echo: A question again');
    await ada.answerEnds();
    await goTo('Answer again', 'Shift+Tab');
    await press('Enter');
    await ada.answers.last().getByText('2 / 2').waitFor();
    await ada.answerEnds();
    await press('Control+k');
    await page.getByRole('combobox').and(page.locator(':focus')).waitFor();
    await type('rename');
    await press('Enter');
    await page.getByRole('textbox', { name: 'Title of the conversation' }).waitFor();
    await press('Control+a');
    await type('Typed');
    await press('Enter');
    await page.getByRole('heading', { name: 'Typed', level: 1 }).waitFor();
    await goTo('Delete', 'Shift+Tab');
    await press('Enter');
    await page.getByText('Deleted.').waitFor();
    await goTo('Undo');
    await press('Enter');
    await page.getByRole('heading', { name: 'Typed', level: 1 }).waitFor();
    await goTo('Log out', 'Shift+Tab');
    await press('Enter');
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  });
});
