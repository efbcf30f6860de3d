/** Rows from `from` to before `to`. */
export interface Rows {
  from: number;
  to: number;
}

export interface Span extends Rows {
  /** False: a gap takes the place of these rows. */
  isShown: boolean;
}

/** All rows, in order, as those that are in the document and gaps between them. `kept` may overlap. */
export function spansOf(count: number, kept: readonly Rows[]): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const { from, to } of [...kept].sort((a, b) => a.from - b.from)) {
    const [first, end] = [Math.max(at, from), Math.min(to, count)];
    if (end <= first) continue;
    if (first > at) spans.push({ from: at, to: first, isShown: false });
    const last = spans.at(-1);
    if (last?.isShown && last.to === first) last.to = end;
    else spans.push({ from: first, to: end, isShown: true });
    at = end;
  }
  if (at < count) spans.push({ from: at, to: count, isShown: false });
  return spans;
}

/** The rows between two places, measured in px from the first row, which is at `start`. */
export function rowsBetween(
  heights: readonly number[],
  { start, gap, top, bottom }: { start: number; gap: number; top: number; bottom: number },
): Rows {
  let from = heights.length;
  let to = 0;
  let at = start;
  for (const [index, height] of heights.entries()) {
    if (at + height >= top && at <= bottom) {
      from = Math.min(from, index);
      to = index + 1;
    }
    at += height + gap;
  }
  return { from: Math.min(from, to), to };
}

/** The last rows that fill this many px together. */
export function lastRows(heights: readonly number[], px: number): Rows {
  let from = heights.length;
  for (let filled = 0; from > 0 && filled < px; from -= 1) filled += heights[from - 1] ?? 0;
  return { from, to: heights.length };
}
