import type { Page } from 'playwright-core';

/** Content may be wider than its box here, because it scrolls by itself. */
const SCROLLS = 'pre, .table-scroll, .formula-display, .admin-nav ul';

/** Returns the elements that are cut off at the side, or can only be seen by scrolling to the side. */
export async function overflowProblems(page: Page): Promise<string[]> {
  const width = page.viewportSize()?.width ?? 0;
  return page.evaluate(
    ({ scrolls, limit }) => {
      const problems: string[] = [];
      const { scrollWidth } = document.documentElement;
      if (scrollWidth > limit) problems.push(`the page is ${scrollWidth} px wide`);
      const modal = document.querySelector('dialog:modal');
      for (const element of (modal ?? document.body).querySelectorAll('*')) {
        if (!element.checkVisibility({ visibilityProperty: true })) continue;
        if (element.closest(`${scrolls}, .visually-hidden, .skip-link, .formula, svg, [inert]`))
          continue;
        const { left, right, width } = element.getBoundingClientRect();
        if (width <= 1 || (left >= -1 && right <= limit + 1)) continue;
        problems.push(
          `${element.tagName.toLowerCase()}.${element.className} reaches from ${Math.round(left)} to ${Math.round(right)}`,
        );
      }
      return problems;
    },
    { scrolls: SCROLLS, limit: width },
  );
}

/** Everything that can be pressed. */
const TARGETS =
  'a[href], button, input, select, textarea, summary, [role=button], [role=option], [role=menuitem], label:has(input)';

/** Links and numbers of footnotes within a sentence are as high as its lines, which WCAG 2.5.8 excepts. */
const IN_TEXT =
  '.note-ref, p > a, li > a:not(:only-child), .said a, dd a, td a, .type a, .result a';

const LEAST = 44;

/**
 * Returns the targets that are lower or narrower than a finger needs. They are measured by the area that a tap hits:
 * the label of a box belongs to it, and so does the space around a button that is a part of it.
 */
export async function targetProblems(page: Page): Promise<string[]> {
  return page.evaluate(
    ({ targets, inText, least }) => {
      const problems = new Set<string>();
      const modal = document.querySelector('dialog:modal');
      for (const target of (modal ?? document.body).querySelectorAll<HTMLElement>(targets)) {
        if (!target.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        if (target.closest('[inert], .visually-hidden, [aria-hidden=true]')) continue;
        if (target.matches(inText) || target.matches('.skip-link, .drawer-shade, :disabled'))
          continue;
        const place = (target.matches('input') && target.closest('label')) || target;
        let { width, height } = place.getBoundingClientRect();
        const around = getComputedStyle(place, '::after');
        if (around.position === 'absolute' && around.content !== 'none') {
          width = Math.max(width, Number.parseFloat(around.width));
          height = Math.max(height, Number.parseFloat(around.height));
        }
        if (width >= least - 0.5 && height >= least - 0.5) continue;
        const name = target.getAttribute('aria-label') ?? target.textContent?.trim().slice(0, 30);
        problems.add(
          `${target.tagName.toLowerCase()}.${target.className} “${name}” is ${Math.round(width)} × ${Math.round(height)}`,
        );
      }
      return [...problems];
    },
    { targets: TARGETS, inText: IN_TEXT, least: LEAST },
  );
}

/** Returns the elements that still move for a person who does not want motion. */
export async function motionProblems(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const problems = new Set<string>();
    for (const element of document.querySelectorAll('*')) {
      for (const pseudo of [null, '::before', '::after', '::backdrop']) {
        const style = getComputedStyle(element, pseudo);
        const times = `${style.transitionDuration}, ${style.animationDuration}`.split(', ');
        const moves = times.some((time) => Number.parseFloat(time) > 0.01);
        const glides = style.scrollBehavior === 'smooth';
        if (moves || glides) problems.add(`${element.tagName}.${element.className}${pseudo ?? ''}`);
      }
    }
    return [...problems];
  });
}

/** Shows the results of `check` when all text is twice as large. */
export async function withLargeText<T>(page: Page, check: () => Promise<T>): Promise<T> {
  const set = (size: string) =>
    page.evaluate((value) => {
      document.documentElement.style.fontSize = value;
    }, size);
  await set('200%');
  try {
    return await check();
  } finally {
    await set('');
  }
}

/** A screen of 1280 × 800 at a zoom of 200 %. Its list is a drawer, as on a phone. */
const ZOOMED = { width: 640, height: 400 };

/** Shows the results of `check` on a phone's page that is as large as a desktop's at a zoom of 200 %. */
export async function atZoom<T>(page: Page, check: () => Promise<T>): Promise<T> {
  const size = page.viewportSize();
  if (size === null) throw new Error('The page has no fixed size');
  await page.setViewportSize(ZOOMED);
  try {
    return await check();
  } finally {
    await page.setViewportSize(size);
  }
}
