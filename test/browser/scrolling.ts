import type { Locator } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';

const topOf = (scroller: Locator) => scroller.evaluate((element) => element.scrollTop);

/** The scroll position, once it is the same in two consecutive frames. */
export const atRest = (scroller: Locator): Promise<number> =>
  scroller.evaluate(async (element) => {
    for (let top = Number.NaN; top !== element.scrollTop; ) {
      top = element.scrollTop;
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
    }
    return element.scrollTop;
  });

/** Turns the wheel there. The page hears of it before it moves: resolves when it has begun to. */
export async function wheelUp(scroller: Locator, pixels: number): Promise<void> {
  const from = await topOf(scroller);
  await scroller.hover();
  await scroller.page().mouse.wheel(0, -pixels);
  await eventually(
    () => topOf(scroller),
    (top) => top < from,
  );
}
