import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './person.js';
import { axeProblems } from './states/axe.js';
import { statesOf } from './states/index.js';
import {
  motionProblems,
  overflowProblems,
  targetProblems,
  withLargeText,
} from './states/layout.js';
import { LOOKS, type Look, wear } from './states/looks.js';
import {
  clear,
  openScene,
  openStage,
  type Scene,
  SIZES,
  type Size,
  type Stage,
} from './states/scene.js';
import { personOf } from './states/state.js';

const [FIRST] = LOOKS as [Look, ...Look[]];

/** One walk through all states: the way to each costs more than what is checked there. */
describe('every state of the pages, in each theme and language', () => {
  let stage: Stage;
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
    stage = await openStage(browser);
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
  });

  /** What depends on the words is checked once in each language, and what depends on colours in each look. */
  const problemsIn = async (page: Page, look: Look, isFirst: boolean, size: Size) => {
    await wear(page, look);
    const found = await axeProblems(page, isFirst ? 'all' : 'colours');
    if (!isFirst) return found;
    found.push(...(await overflowProblems(page)), ...(await motionProblems(page)));
    if (size === 'phone') found.push(...(await targetProblems(page)));
    else found.push(...(await withLargeText(page, () => overflowProblems(page))));
    return found;
  };

  const problemsOf = async (page: Page, size: Size): Promise<string[]> => {
    const problems: string[] = [];
    const languages = new Set<string>();
    for (const look of LOOKS) {
      const found = await problemsIn(page, look, !languages.has(look.language), size);
      languages.add(look.language);
      problems.push(...found.map((text) => `${look.language}, ${look.theme}: ${text}`));
    }
    await wear(page, FIRST);
    return problems;
  };

  for (const size of Object.keys(SIZES) as Size[])
    describe(`on a ${size}`, () => {
      let scene: Scene;
      before(async () => {
        scene = await openScene(stage, size);
      });
      after(() => Promise.all([scene?.member.leave(), scene?.guest.leave()]));

      for (const state of statesOf(size))
        it(`is for everybody: ${state.name}`, async () => {
          await state.show(scene);
          const problems = await problemsOf(personOf(state, scene).page, size);
          await clear(scene);
          await state.leave?.(scene);
          expect(problems).to.deep.equal([]);
        });
    });
});
