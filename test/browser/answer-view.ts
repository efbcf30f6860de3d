import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The functions that the pages below put on `window`. */
export interface AnswerLab {
  /** Shows a text in pieces of `step` characters. Returns the problems, and the elements at the end. */
  grows(text: string, step: number): Promise<{ problems: string[]; grown: string; atOnce: string }>;
  /**
   * Lets a block grow whose HTML was `before`, and whose elements are those of `shown`. Its last element keeps itself if
   * `isManaged`. Returns the elements at the end; null: refused, and nothing has changed.
   */
  appends(block: {
    before: string;
    next: string;
    shown?: string;
    isManaged?: boolean;
  }): string | null;
}

const SOURCE = `
import { createFormatting } from './src/web/markdown/formatting.ts';
import { appendGrown } from './src/web/markdown/view/grown-text.ts';
import { createTypesetter } from './src/web/markdown/math/typesetter.ts';
import { answersEn } from './src/web/i18n/en/answers.ts';

const formatting = createFormatting();
const typeset = createTypesetter();
const kit = {
  ...formatting,
  typesetter: () => typeset,
  labels: () => answersEn,
  copy: async () => true,
  save: () => undefined,
};

/** Colours and boxes of formulas come later, so they do not count. */
const shapeOf = (root) => {
  const copy = root.cloneNode(true);
  for (const code of copy.querySelectorAll('figure.code code')) code.textContent = code.textContent;
  for (const formula of copy.querySelectorAll('.formula')) {
    formula.replaceWith('[' + formula.className + formula.getAttribute('aria-label') + ']');
  }
  return copy.innerHTML;
};

const show = () => {
  const element = document.createElement('div');
  element.className = 'markdown';
  document.body.append(element);
  const view = new formatting.AnswerView(element, kit);
  const read = formatting.createBlockReader();
  return { element, update: (text, done) => view.update(read(text, done)) };
};

const shapeAt = (text, done) => {
  const fresh = show();
  fresh.update(text, done);
  const shape = shapeOf(fresh.element);
  fresh.element.remove();
  return shape;
};

window.answers = {
  appends({ before, next, shown = before, isManaged = false }) {
    const root = document.createElement('div');
    root.innerHTML = shown;
    const managed = new Map();
    if (isManaged) managed.set([...root.querySelectorAll('*')].at(-1), {});
    const there = root.innerHTML;
    if (appendGrown(root, before, next, managed)) return root.innerHTML;
    if (root.innerHTML !== there) throw new Error('refused, but changed');
    return null;
  },
  async grows(text, step) {
    const problems = [];
    const growing = show();
    const shown = (element) => !element.classList.contains('note');
    let before = [];
    for (let end = step, i = 0; ; end += step, i += 1) {
      const done = end >= text.length;
      const part = text.slice(0, end);
      growing.update(part, done);
      const now = [...growing.element.children].filter(shown);
      const settled = before.slice(0, -2);
      const lost = settled.findIndex((element, index) => element !== now[index]);
      if (lost >= 0) problems.push('block ' + lost + ' was replaced at ' + JSON.stringify(part.slice(-20)));
      if (i % 13 === 0 || done) {
        const fresh = shapeAt(part, done);
        if (shapeOf(growing.element) !== fresh) {
          problems.push('at ' + JSON.stringify(part.slice(-20)) + ': ' + shapeOf(growing.element) + ' instead of ' + fresh);
        }
      }
      before = now;
      if (done) break;
    }
    const grown = shapeOf(growing.element);
    growing.element.remove();
    return { problems, grown, atOnce: shapeAt(text, true) };
  },
};
`;

/** A page that can show answers, without a server. */
export async function answerPage(browser: Browser): Promise<Page> {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  return page;
}
