import core from 'highlight.js/lib/core';
import type { LoadPart } from '../load-part.js';
import { loadLanguage } from './languages.js';
import { type Run, runsOf } from './runs.js';

export type Highlight = (text: string) => readonly Run[][];

export interface Highlighter {
  /** Null while the language has not come; then `ready` is called once it has. */
  highlight(language: string, ready: () => void): Highlight | null;
}

/** Colours code by classes. Languages come when they are needed for the first time. */
export function createHighlighter(loadPart: LoadPart): Highlighter {
  const engine = core.newInstance();
  engine.configure({ classPrefix: 'hl-' });
  const waiting = new Map<string, (() => void)[]>();

  const load = async (language: string) => {
    const loaded = await loadPart(async () => loadLanguage(language));
    const all = waiting.get(language) ?? [];
    waiting.delete(language);
    if (loaded === undefined) return;
    engine.registerLanguage(language, loaded.default);
    for (const ready of all) ready();
  };

  return {
    highlight(language, ready) {
      if (engine.getLanguage(language) !== undefined) {
        return (text) => runsOf(engine.highlight(text, { language, ignoreIllegals: true }).value);
      }
      const others = waiting.get(language);
      waiting.set(language, [...(others ?? []), ready]);
      // The code stays plain if the language cannot be loaded.
      if (others === undefined) void load(language).catch(() => waiting.delete(language));
      return null;
    },
  };
}
