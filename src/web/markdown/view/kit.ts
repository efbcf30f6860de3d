import type { Highlighter } from '../code/highlighter.js';
import type { Typeset } from '../math/typesetter.js';
import type { Sanitizer } from '../sanitizer.js';

/** The words of the parts of an answer, in the reader's language. */
export interface ViewLabels {
  code: string;
  copy: string;
  copied: string;
  copyCode: string;
  wrap: string;
  wrapCode: string;
  download: string;
  downloadCode: string;
  table: string;
  footnote(number: string): string;
  backToText: string;
}

/** The services of the page that the parts of an answer need. */
export interface ViewKit {
  sanitize: Sanitizer;
  labels(): ViewLabels;
  /** Null until it has been loaded; then `ready` is called. */
  highlighter(ready: () => void): Highlighter | null;
  typesetter(ready: () => void): Typeset | null;
  /** False when the browser refused. */
  copy(text: string): Promise<boolean>;
  /** Gives the reader a file. */
  save(name: string, text: string): void;
}

/** A part that is loaded when it is needed for the first time. If that fails, the next need tries again. */
export function onDemand<T>(load: () => Promise<T>): (ready: () => void) => T | null {
  let loaded: T | null = null;
  let waiting: (() => void)[] | null = null;
  return (ready) => {
    if (loaded !== null) return loaded;
    if (waiting !== null) {
      waiting.push(ready);
      return null;
    }
    waiting = [ready];
    const done = (value: T | null) => {
      const all = waiting ?? [];
      loaded = value;
      waiting = null;
      if (value !== null) for (const one of all) one();
    };
    load().then(done, () => done(null));
    return null;
  };
}
