/** A piece of a text, from its character `from` on, counted from 1. */
export interface Fragment {
  from: number;
  text: string;
}

const GAP = ' … ';

/** The pieces in order, those that overlap as one. `length`: characters of the whole text. */
export function snippetOf(fragments: readonly Fragment[], length: number): string {
  let snippet = '';
  let end = 0;
  for (const { from, text } of fragments.toSorted((a, b) => a.from - b.from)) {
    const letters = [...text];
    const known = Math.max(0, end - from + 1);
    if (known >= letters.length) continue;
    if (end === 0 && from > 1) snippet = '… ';
    if (end > 0 && known === 0 && from > end + 1) snippet += GAP;
    snippet += letters.slice(known).join('');
    end = from + letters.length - 1;
  }
  return end < length ? `${snippet} …` : snippet;
}

/** One range for each word that is there. */
export function highlightsOf(snippet: string, patterns: readonly string[]): [number, number][] {
  const ranges = patterns.flatMap((pattern): [number, number][] => {
    const found = new RegExp(pattern, 'u').exec(snippet);
    return found ? [[found.index, found.index + found[0].length]] : [];
  });
  return ranges.sort(([a, aEnd], [b, bEnd]) => a - b || aEnd - bEnd);
}
