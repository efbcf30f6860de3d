import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { wheelUp } from './scrolling.js';
import { STATES } from './states/index.js';
import { clear, openConversation, openScene, type Scene, useStage } from './states/scene.js';
import { personOf } from './states/state.js';

/** Screens whose controls are of all kinds. */
const WITH_CONTROLS = [
  'the form to log in',
  'versions of messages',
  'a question that is edited in its place',
  'the list of conversations',
  'the menu of a conversation',
  'a new key, and the form for another',
  'the settings',
  'the command palette',
  'the model and settings of a conversation',
  'a new invitation, and the roles of a person',
];

describe('pages for somebody who has set the browser otherwise', () => {
  const stage = useStage();
  let scene: Scene;

  afterEach(() => Promise.all([scene?.member.leave(), scene?.guest.leave()]));

  const shows = async (name: string, look: (page: Page) => Promise<string[]>) => {
    const state = STATES.find((one) => one.name === name);
    if (state === undefined) throw new Error(`No state is called “${name}”`);
    await state.show(scene);
    const problems = await look(personOf(state, scene).page);
    await clear(scene);
    await state.leave?.(scene);
    return problems.map((text) => `${name}: ${text}`);
  };

  /** Goes through everything with Tab, and returns the elements that do not show the focus. */
  const withoutRing = async (page: Page): Promise<string[]> => {
    const problems: string[] = [];
    const seen = new Set<string>();
    for (let step = 0; step < 80; step += 1) {
      const [id, shown] = await page.evaluate(() => {
        const element = document.activeElement ?? document.body;
        const all = [...document.querySelectorAll('*')];
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const isShown = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
        const name = `${all.indexOf(element)} ${element.tagName}.${element.className}`;
        return [name, isShown || element === document.body] as const;
      });
      if (seen.has(id)) break;
      seen.add(id);
      if (step > 0 && !shown) problems.push(id);
      await page.keyboard.press('Tab');
    }
    if (seen.size < 3) problems.push(`only ${seen.size} controls were reached`);
    return problems;
  };

  it('shows the focus on everything in forced colours', async () => {
    scene = await openScene(stage(), 'desktop', { forcedColors: 'active' });
    const problems: string[] = [];
    for (const name of WITH_CONTROLS) problems.push(...(await shows(name, withoutRing)));
    expect(problems).to.deep.equal([]);
  });

  it('shows what is current and chosen in forced colours', async () => {
    scene = await openScene(stage(), 'desktop', { forcedColors: 'active' });
    await openConversation(scene, 'Two versions');
    const { page } = scene.member;
    const back = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { backgroundColor, forcedColorAdjust } = getComputedStyle(element);
          // The browser paints all other backgrounds alike there, whatever their style says.
          return forcedColorAdjust === 'none' ? backgroundColor : 'as all others';
        });
    expect(await back('.row[aria-current]')).to.not.equal(await back('.row:not([aria-current])'));
    await page.keyboard.press('Control+k');
    await page.locator('.palette-entry').first().waitFor();
    expect(await back('[aria-selected=true]')).to.not.equal(await back('[aria-selected=false]'));
    await clear(scene);
    const border = await page
      .locator('.bubble')
      .first()
      .evaluate((element) => getComputedStyle(element).borderTopWidth);
    expect(border).to.equal('1px');
  });

  it('does not glide to the end of a thread where motion is not wanted', async () => {
    scene = await openScene(stage(), 'desktop', { viewport: { width: 800, height: 400 } });
    await openConversation(scene, 'Everything in one answer');
    const { page } = scene.member;
    await page.evaluate(() => {
      const { scrollTo } = Element.prototype;
      const glides: unknown[] = [];
      Object.assign(window, { glides });
      Element.prototype.scrollTo = function (this: Element, ...given: unknown[]) {
        glides.push((given[0] as ScrollToOptions).behavior);
        Reflect.apply(scrollTo, this, given);
      };
    });
    const scroller = page.locator('.scroller');
    const jump = page.getByRole('button', { name: 'Jump to the latest message' });
    await wheelUp(scroller, 500);
    await jump.click();
    const glides = () => page.evaluate(() => (window as unknown as { glides: string[] }).glides);
    expect(await glides())
      .to.include('instant')
      .and.not.include('smooth');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    // The pointer is where the button was. A wheel there would turn nothing while it is shown.
    await jump.waitFor({ state: 'detached' });
    await wheelUp(scroller, 500);
    await jump.click();
    expect(await glides()).to.include('smooth');
  });
});
