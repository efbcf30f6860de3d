import type { ComponentChildren } from 'preact';
import { displayable } from '../../markdown/plain-text.js';

type Range = readonly [start: number, end: number];

/** Joins ranges that touch or overlap. */
function joined(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of [...ranges].sort(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last && range[0] <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], range[1])];
    else all.push(range);
  }
  return all;
}

/** A text with its ranges as `mark` elements. `clean` changes what is between them. */
export function marked(
  text: string,
  ranges: readonly Range[],
  clean: (piece: string, begins: boolean) => string = (piece) => piece,
): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const [start, end] of joined(ranges)) {
    parts.push(displayable(clean(text.slice(at, start), at === 0)));
    parts.push(<mark key={start}>{displayable(text.slice(start, end))}</mark>);
    at = end;
  }
  parts.push(displayable(clean(text.slice(at), at === 0)));
  return parts;
}
