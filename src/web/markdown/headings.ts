/** The level of the heading above each message. */
const MESSAGE_LEVEL = 2;
const DEEPEST = 6;

/** The facts of earlier headings that decide about the next one. */
export interface Headings {
  /** Marks of the first heading; null if there was none. */
  first: number | null;
  /** Level of the last heading. */
  last: number;
}

export const NO_HEADINGS: Headings = { first: null, last: MESSAGE_LEVEL };

/** The level of a heading with `depth` marks. The first is one below the message's, and none skips a level. */
export function nextHeading({ first, last }: Headings, depth: number): Headings {
  const base = first ?? depth;
  const level = MESSAGE_LEVEL + 1 + Math.max(0, depth - base);
  return { first: base, last: Math.min(level, last + 1, DEEPEST) };
}
