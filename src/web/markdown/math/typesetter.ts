import katex from 'katex';

/** Puts a formula into an element. False: it is wrong or too much, and its source has to be shown. */
export type Typeset = (tex: string, display: boolean, into: HTMLElement) => boolean;

const CHARS = 4_000;
const DEPTH = 60;
const NODES = 3_000;
const CACHED = 300;

/**
 * The output is HTML only: its styles are set by script, which the policy of the page allows, unlike those in
 * attributes.
 */
const OPTIONS = {
  output: 'html',
  throwOnError: true,
  strict: 'ignore',
  trust: false,
  maxSize: 20,
  maxExpand: 500,
} as const;

/** Sets TeX, built node by node: no markup is parsed, and addresses, classes and styles of the TeX are not trusted. */
export function createTypesetter(): Typeset {
  const known = new Map<string, DocumentFragment | null>();

  const make = (tex: string, display: boolean): DocumentFragment | null => {
    if (tex.length > CHARS || depthOf(tex) > DEPTH) return null;
    try {
      const host = document.createElement('span');
      katex.render(tex, host, { ...OPTIONS, macros: {}, displayMode: display });
      if (host.getElementsByTagName('*').length > NODES) return null;
      const fragment = document.createDocumentFragment();
      fragment.append(...host.childNodes);
      return fragment;
    } catch {
      return null;
    }
  };

  return (tex, display, into) => {
    const key = `${display ? 'd' : 'i'}${tex}`;
    const made = known.has(key) ? (known.get(key) ?? null) : make(tex, display);
    known.delete(key);
    known.set(key, made);
    const [oldest] = known.keys();
    if (known.size > CACHED && oldest !== undefined) known.delete(oldest);
    if (made === null) return false;
    into.replaceChildren(made.cloneNode(true));
    return true;
  };
}

/** Nesting of braces, environments and fences. */
function depthOf(tex: string): number {
  let [depth, deepest] = [0, 0];
  for (const [mark] of tex.matchAll(
    /\\\\|\\[{}]|[{}]|\\begin\b|\\end\b|\\left\b|\\right\b|\\(?:[dt]?frac|sqrt)\b|[\^_]/g,
  )) {
    if (mark === '{' || mark === '\\begin' || mark === '\\left') depth += 1;
    if (mark === '}' || mark === '\\end' || mark === '\\right') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
