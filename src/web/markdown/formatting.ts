import { createBlockReader } from './blocks.js';
import type { Typeset } from './math/typesetter.js';
import { createSanitizer, type Sanitizer } from './sanitizer.js';
import { AnswerView } from './view/answer-view.js';
import { onDemand, type ViewKit } from './view/kit.js';

/** Everything that formats answers. It is loaded once somebody is signed in. */
export interface Formatting {
  createBlockReader: typeof createBlockReader;
  AnswerView: typeof AnswerView;
  sanitize: Sanitizer;
  highlighter: ViewKit['highlighter'];
  typesetter: ViewKit['typesetter'];
}

const FORMULA_STYLES = '/assets/formulas.css';

export function createFormatting(): Formatting {
  return {
    createBlockReader,
    AnswerView,
    sanitize: createSanitizer(),
    highlighter: onDemand(async () => (await import('./code/highlighter.js')).createHighlighter()),
    typesetter: onDemand(loadTypesetter),
  };
}

async function loadTypesetter(): Promise<Typeset> {
  const [{ createTypesetter }] = await Promise.all([
    import('./math/typesetter.js'),
    loadStyles(FORMULA_STYLES),
  ]);
  return createTypesetter();
}

/** Formulas can be read without their styles too. */
function loadStyles(href: string): Promise<void> {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  return new Promise((resolve) => {
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => resolve());
    document.head.append(link);
  });
}
