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
import { type Look, wear } from './looks.js';
import { clear, openScene, type Scene, type Size, useStage } from './scene.js';
import { personOf, type State } from './state.js';

/** Each language and each theme once: colours do not depend on the words, nor sizes on the colours. */
const FIRST: Look = { language: 'en', theme: 'light' };
const SECOND: Look = { language: 'zh-CN', theme: 'dark' };
const LOOKS: readonly Look[] = [FIRST, SECOND];
/** Axe takes as long as all the rest. Each state has it in both looks: in one on each screen, or in both on its only screen. */
const WITH_AXE: Record<Size, Look> = { desktop: FIRST, phone: SECOND };

async function layoutProblems(page: Page, size: Size): Promise<string[]> {
  const found = await overflowProblems(page);
  if (size === 'desktop') {
    found.push(...(await withLargeText(page, () => overflowProblems(page))));
    return found;
  }
  const zoomed = await atZoom(page, () => overflowProblems(page));
  found.push(...(await targetProblems(page)), ...zoomed.map((text) => `at 200 %: ${text}`));
  return found;
}

async function problemsOf(page: Page, size: Size, state: State): Promise<string[]> {
  // Motion depends neither on the language nor on the theme.
  const problems = await motionProblems(page);
  for (const look of LOOKS) {
    await wear(page, look);
    const found = await layoutProblems(page, size);
    if (state.on !== undefined || look === WITH_AXE[size]) found.push(...(await axeProblems(page)));
    problems.push(...found.map((text) => `${look.language}, ${look.theme}: ${text}`));
  }
  await wear(page, FIRST);
  return problems;
}

/** Walks through all states on one screen: the way to each costs more than the checks there. */
export function walkAllStates(size: Size): void {
  describe(`every state of the pages on a ${size}, in both languages and both themes`, () => {
    const stage = useStage();
    let scene: Scene;
    before(async () => {
      scene = await openScene(stage(), size);
    });
    after(() => Promise.all([scene?.member.leave(), scene?.guest.leave()]));

    for (const state of statesOf(size))
      it(`is for everybody: ${state.name}`, async () => {
        await state.show(scene);
        const problems = await problemsOf(personOf(state, scene).page, size, state);
        await clear(scene);
        await state.leave?.(scene);
        expect(problems).to.deep.equal([]);
      });
  });
}
