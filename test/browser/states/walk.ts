import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { axeProblems } from './axe.js';
import { statesOf } from './index.js';
import {
  atZoom,
  motionProblems,
  overflowProblems,
  targetProblems,
  withLargeText,
} from './layout.js';
import { LOOKS, type Look, wear } from './looks.js';
import { clear, openScene, type Scene, type Size, useStage } from './scene.js';
import { personOf } from './state.js';

const [FIRST] = LOOKS as [Look, ...Look[]];

/** What depends on the words is checked once in each language, and what depends on colours in each look. */
async function problemsIn(page: Page, look: Look, isFirst: boolean, size: Size): Promise<string[]> {
  await wear(page, look);
  const found = await axeProblems(page, isFirst ? 'all' : 'colours');
  if (!isFirst) return found;
  found.push(...(await overflowProblems(page)), ...(await motionProblems(page)));
  if (size === 'desktop') {
    found.push(...(await withLargeText(page, () => overflowProblems(page))));
    return found;
  }
  const zoomed = await atZoom(page, () => overflowProblems(page));
  found.push(...(await targetProblems(page)), ...zoomed.map((text) => `at 200 %: ${text}`));
  return found;
}

async function problemsOf(page: Page, size: Size): Promise<string[]> {
  const problems: string[] = [];
  const languages = new Set<string>();
  for (const look of LOOKS) {
    const found = await problemsIn(page, look, !languages.has(look.language), size);
    languages.add(look.language);
    problems.push(...found.map((text) => `${look.language}, ${look.theme}: ${text}`));
  }
  await wear(page, FIRST);
  return problems;
}

/** One walk through all states on one screen: the way to each costs more than what is checked there. */
export function walkAllStates(size: Size): void {
  describe(`every state of the pages on a ${size}, in each theme and language`, () => {
    const stage = useStage();
    let scene: Scene;
    before(async () => {
      scene = await openScene(stage(), size);
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
}
