import { createBlockReader } from './blocks.js';
import type { LoadPart } from './load-part.js';
import { loadStyles } from './load-styles.js';
import type { Typeset } from './math/typesetter.js';
import { createSanitizer, type Sanitizer } from './sanitizer.js';
import { AnswerView } from './view/answer-view.js';
import { onDemand, type ViewKit } from './view/kit.js';

/** Everything that formats answers. It is loaded once somebody is logged in. */
export interface Formatting {
  createBlockReader: typeof createBlockReader;
  AnswerView: typeof AnswerView;
  sanitize: Sanitizer;
  highlighter: ViewKit['highlighter'];
  typesetter: ViewKit['typesetter'];
  /** Resolves when no code is being loaded; at once to false if none was. */
  loaded(): Promise<boolean>;
}

/** `loadPart` loads code that few answers need. */
export function createFormatting(given: LoadPart = (load) => load()): Formatting {
  const loading = new Set<Promise<unknown>>();
  const loadPart: LoadPart = (load) => {
    const part = given(load);
    const ended: Promise<unknown> = part
      .catch(() => {})
      .finally(() => {
        loading.delete(ended);
      });
    loading.add(ended);
    return part;
  };
  return {
    createBlockReader,
    AnswerView,
    sanitize: createSanitizer(),
    highlighter: onDemand(async () => {
      const { createHighlighter } = await loadPart(() => import('./code/highlighter.js'));
      return createHighlighter(loadPart);
    }),
    typesetter: onDemand(() => loadPart(loadTypesetter)),
    async loaded() {
      const isLoading = loading.size > 0;
      while (loading.size > 0) await Promise.all(loading);
      return isLoading;
    },
  };
}

async function loadTypesetter(): Promise<Typeset> {
  const [{ createTypesetter }] = await Promise.all([
    import('./math/typesetter.js'),
    loadStyles('formulaStyles'),
  ]);
  return createTypesetter();
}
