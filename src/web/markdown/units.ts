import type { Token } from 'marked';

/** From a whole run of marks to a run of the same length: the runs of a text may be long. */
const CODE_SPAN = /(?<!`)(`+)(?!`)[^`]+\1(?!`)/g;
const TAG = /<(\/?)details\s*>/gi;

/** Top-level tokens that belong together: those between `<details>` and its end; all others stand alone. */
export function unitsOf(tokens: readonly Token[]): Token[][] {
  const units: Token[][] = [];
  let open: Token[] | null = null;
  let depth = 0;
  for (const token of tokens) {
    if (open === null) {
      open = [token];
      units.push(open);
    } else open.push(token);
    depth = Math.max(0, depth + detailsIn(token));
    if (depth === 0) open = null;
  }
  return units;
}

/** How many more `details` a token opens than it closes. */
function detailsIn(token: Token): number {
  if (token.type !== 'html' && token.type !== 'paragraph') return 0;
  let depth = 0;
  for (const [, end] of token.raw.replace(CODE_SPAN, '').matchAll(TAG))
    depth += end === '' ? 1 : -1;
  return depth;
}
