import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as Axe from 'axe-core';
import type { Page } from 'playwright-core';

/** A module that waits while it is loaded would be loaded apart from the hooks of the run, with a database of its own. */
const readAxe = () =>
  readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The levels that the page claims, and what axe recommends beyond them. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * An experiment of axe that wants a landmark around whatever scrolls and can be reached by keyboard. Formulas and tables
 * of answers do; a landmark for each would hide those of the page.
 */
const LEFT_OUT = ['focus-order-semantics'];

/**
 * Returns what axe finds, one line for each rule and element; experimental rules are included. The script is evaluated by
 * the debugger, so the policy of the page stays in force.
 */
export async function axeProblems(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readAxe());
  const violations = await page.evaluate(
    async ({ tags, leftOut }) => {
      const { axe } = window as unknown as { axe: typeof Axe };
      const rules = axe
        .getRules()
        .filter((rule) => rule.tags.some((tag) => tags.includes(tag)))
        .filter((rule) => !rule.tags.includes('deprecated'))
        .map(({ ruleId }) => ruleId)
        .filter((id) => !leftOut.includes(id));
      const result = await axe.run(document, {
        runOnly: { type: 'rule', values: rules },
        resultTypes: ['violations'],
        preload: false,
      });
      return result.violations;
    },
    { tags: TAGS, leftOut: LEFT_OUT },
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${brief(failureSummary)}`,
    ),
  );
}

const brief = (summary = ''): string => summary.replace(/\s+/g, ' ').slice(0, 240);
