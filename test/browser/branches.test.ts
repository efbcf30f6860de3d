import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { answer, echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

describe('the versions of a conversation on the page', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([
      startApp({ ...FOR_BROWSERS, OPENAI_MODELS: 'other-model' }),
      launchBrowser(),
    ]);
    ada = await Person.member(browser, app.url, 'branches');
  });
  after(async () => {
    await ada?.leave();
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    app.upstream.otherwise(echo());
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await ada.page.getByText('What would you like to talk about?').waitFor();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    console.error(await ada.page.locator('body').innerText(), ada.complaints);
  });

  const question = () => ada.questions.last();
  const last = () => ada.answers.last();
  const asks = async (text: string) => {
    await ada.say(text);
    await ada.sees(`echo: ${text}`);
    await ada.answerEnds();
  };
  const edit = async () => {
    await question().hover();
    await question().getByRole('button', { name: 'Edit question' }).click();
    return ada.page.getByRole('textbox', { name: 'Edit question' });
  };

  it('edits a question in its place, and goes between the versions by keyboard', async () => {
    await asks('one');
    const editor = await edit();
    await editor.fill('dropped');
    await editor.press('Escape');
    await question().locator('.bubble').getByText('one').waitFor();
    await (await edit()).fill('uno');
    await ada.page.getByRole('textbox', { name: 'Edit question' }).press('Enter');
    await ada.sees('echo: uno');
    const versions = question().getByRole('group', { name: 'Version 2 of 2' });
    await versions.getByText('2 / 2').waitFor();
    await versions.getByRole('button', { name: 'Previous version' }).focus();
    await ada.page.keyboard.press('Enter');
    await ada.sees('echo: one');
    await question().getByText('1 / 2').waitFor();
    await ada.page.waitForFunction(() => document.activeElement?.ariaLabel === 'Next version');
    await ada.page.keyboard.press('Enter');
    await ada.sees('echo: uno');
    await ada.page.reload();
    await ada.sees('echo: uno');
    expect(await ada.questions.count()).to.equal(1);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('keeps the text of an edit while its reader is elsewhere', async () => {
    await asks('here');
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await asks('elsewhere');
    const goTo = async (title: string) => {
      await ada.page.getByRole('link', { name: title, exact: true }).click();
      await ada.sees(`echo: ${title}`);
    };
    await goTo('here');
    const editor = await edit();
    await editor.fill('half a thought');
    await goTo('elsewhere');
    expect(await editor.count()).to.equal(0);
    await goTo('here');
    expect(await editor.inputValue()).to.equal('half a thought');
    await editor.press('Escape');
    expect(await (await edit()).inputValue()).to.equal('here');
    await editor.press('Escape');
  });

  it('keeps the text of an edit when another message is edited, and opens no other by ↑', async () => {
    await asks('first');
    await asks('second');
    const questions = ada.questions;
    const editor = ada.page.getByRole('textbox', { name: 'Edit question' });
    const opens = async (at: number) => {
      await questions.nth(at).hover();
      await questions.nth(at).getByRole('button', { name: 'Edit question' }).click();
      await questions.nth(at).getByRole('textbox').waitFor();
    };
    await opens(0);
    await editor.fill('half a thought');
    await ada.composer.press('ArrowUp');
    expect(await questions.nth(0).getByRole('textbox').inputValue()).to.equal('half a thought');
    await opens(1);
    expect(await editor.inputValue()).to.equal('second');
    await opens(0);
    expect(await editor.inputValue()).to.equal('half a thought');
    await editor.press('Enter');
    await ada.sees('echo: half a thought');
    await questions.first().getByRole('button', { name: 'Previous version' }).click();
    await ada.sees('echo: second');
    await opens(0);
    expect(await editor.inputValue()).to.equal('first');
    await editor.press('Escape');
  });

  it('does not save with the Enter that picks a word of an input method', async () => {
    await asks('ime');
    const editor = await edit();
    await editor.fill('ni hao');
    await editor.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
    await editor.press('Escape');
    await ada.sees('echo: ime');
    expect(await question().getByRole('group').count()).to.equal(0);
  });

  it('saves a question without asking, and the text of an answer', async () => {
    await asks('note');
    await (await edit()).fill('just a note');
    const requests = app.upstream.requests.length;
    await ada.page.getByRole('button', { name: 'Save only' }).click();
    await question().locator('.bubble').getByText('just a note').waitFor();
    await ada.answers.first().waitFor({ state: 'detached' });
    await question().getByRole('button', { name: 'Previous version' }).click();
    await ada.sees('echo: note');
    await last().getByRole('button', { name: 'Edit answer' }).click();
    await ada.page.getByRole('textbox', { name: 'Edit answer' }).fill('my own words');
    await ada.page.getByRole('button', { name: 'Save', exact: true }).click();
    await ada.sees('my own words');
    expect(app.upstream.requests).to.have.length(requests);
  });

  it('asks for another answer, in every tab', async () => {
    await asks('twice');
    const other = await ada.secondTab();
    await other.getByText('echo: twice').waitFor();
    app.upstream.script(answer(['differently']));
    await last().getByRole('button', { name: 'Answer again', exact: true }).click();
    await ada.sees('differently');
    await last().getByText('2 / 2').waitFor();
    await other.locator('.message-assistant').getByText('differently').waitFor();
    await last().getByRole('button', { name: 'Previous version' }).click();
    await other.locator('.message-assistant').getByText('echo: twice').waitFor();
    await other.getByText('1 / 2').waitFor();
    await other.close();
  });

  it('asks another model from a menu, by keyboard', async () => {
    await asks('swap');
    const requests = app.upstream.requests.length;
    await last()
      .getByRole('button', { name: 'Answer again with another model' })
      .press('ArrowDown');
    await ada.page.locator('[role=menuitem]:focus').getByText('test-model').waitFor();
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.locator('[role=menuitem]:focus').getByText('other-model').waitFor();
    await ada.page.keyboard.press('Enter');
    await last().getByText('2 / 2').waitFor();
    await ada.answerEnds();
    expect(app.upstream.requests.slice(requests).map(({ body }) => body.model)).to.deep.equal([
      'other-model',
    ]);
    await ada.page.waitForFunction(() => document.activeElement?.id === 'composer');
  });

  it('goes on with a stopped answer in its place', async () => {
    const held = app.upstream.next();
    await ada.say('count');
    held.write('one, two');
    await ada.sees('one, two');
    await ada.page.getByRole('button', { name: 'Stop', exact: true }).click();
    const goOn = last().getByRole('button', { name: 'Continue' });
    await goOn.waitFor();
    app.upstream.script(answer([', three']));
    await goOn.click();
    await ada.sees('one, two, three');
    await ada.answerEnds();
    expect(await ada.questions.count()).to.equal(1);
  });

  it('deletes a question with what is below it, after it has named it', async () => {
    await asks('stays');
    await asks('goes');
    await question().hover();
    await question().getByRole('button', { name: 'Delete question' }).click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByText('“goes” and everything below it (1 more message here)').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await question().getByRole('button', { name: 'Delete question' }).click();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await ada.questions.nth(1).waitFor({ state: 'detached' });
    await ada.sees('echo: stays');
  });

  it('changes a question that waits, takes one back, and sends the next one now', async () => {
    const held = app.upstream.next();
    await ada.say('long');
    held.write('half');
    await ada.sees('half');
    await ada.say('wating');
    await last().getByText('Next in line…').waitFor();
    await ada.say('never');
    await ada.answers.nth(2).getByText('number 2 in line').waitFor();
    await last().getByRole('button', { name: 'Remove' }).click();
    await ada.questions.nth(2).waitFor({ state: 'detached' });
    await last().getByRole('button', { name: 'Edit', exact: true }).click();
    const editor = ada.page.getByRole('textbox', { name: 'Edit question' });
    await editor.fill('waiting');
    await editor.press('Enter');
    await question().locator('.bubble').getByText('waiting').waitFor();
    await last().getByRole('button', { name: 'Send now' }).click();
    await ada.sees('echo: waiting');
    await ada.answers.first().getByText('Stopped').waitFor();
    expect(await question().getByRole('group').count()).to.equal(0);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('sends any question that waits now, and removes no other with it unasked', async () => {
    const held = app.upstream.next();
    await ada.say('long');
    held.write('half');
    await ada.sees('half');
    await ada.say('second');
    await last().getByText('Next in line…').waitFor();
    await ada.say('third');
    await ada.answers.nth(2).getByText('number 2 in line').waitFor();
    await ada.answers.nth(1).getByRole('button', { name: 'Remove' }).click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByText('“second” and everything below it (3 more messages here)').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const blocked = app.upstream.next();
    await last().getByRole('button', { name: 'Send now' }).press('Enter');
    await ada.answers.first().getByText('Stopped').waitFor();
    blocked.write('before the second');
    await ada.sees('before the second');
    await ada.answers.nth(1).getByText('Next in line…').waitFor();
    await ada.page.waitForFunction(() => document.activeElement?.id === 'composer');
    blocked.finish();
    await ada.answers.nth(1).getByText('echo: second').waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('stops what runs and asks at once with Ctrl and Enter', async () => {
    const held = app.upstream.next();
    await ada.say('slow');
    held.write('half');
    await ada.sees('half');
    await ada.composer.fill('urgent');
    await ada.composer.press('Control+Enter');
    await ada.sees('echo: urgent');
    await ada.answers.first().getByText('Stopped').waitFor();
  });
});
