import type { Page } from 'playwright-core';

/** How the page is shown to somebody. */
export interface Look {
  language: 'en' | 'zh-CN';
  theme: 'light' | 'dark';
}

export const LOOKS: readonly Look[] = [
  { language: 'en', theme: 'light' },
  { language: 'en', theme: 'dark' },
  { language: 'zh-CN', theme: 'dark' },
  { language: 'zh-CN', theme: 'light' },
];

/** Changes the look in place: the theme as the system would, the language as another tab would. */
export async function wear(page: Page, { language, theme }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.evaluate((wanted) => {
    const key = 'parley:language';
    // The reference page has its language in the address.
    if (document.querySelector('#app') === null) return;
    if (document.documentElement.lang === wanted) return;
    localStorage.setItem(key, wanted);
    dispatchEvent(new StorageEvent('storage', { key }));
  }, language);
  const own = `html[data-theme="${theme}"][lang="${language}"]`;
  await page.locator(`${own}, html[data-theme="${theme}"]:not(:has(#app))`).waitFor();
  await settle(page);
}

/** Resolves when nothing moves on the page but what moves for ever. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    const moves = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.all(moves.map(({ finished }) => finished.catch(() => {})));
  });
}
