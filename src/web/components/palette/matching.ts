/** All words of a query are in a text, in any order and case. */
export function matches(text: string, query: string): boolean {
  const folded = text.toLocaleLowerCase();
  return wordsOf(query).every((word) => folded.includes(word));
}

/** Ranges of the words of a query in a text, each once. */
export function rangesIn(text: string, query: string): [start: number, end: number][] {
  const folded = text.toLocaleLowerCase();
  // Few letters change their length with their case. A range beside the word would be worse than none.
  if (folded.length !== text.length) return [];
  return wordsOf(query).flatMap((word): [number, number][] => {
    const at = folded.indexOf(word);
    return at < 0 ? [] : [[at, at + word.length]];
  });
}

const wordsOf = (query: string): string[] => query.toLocaleLowerCase().split(/\s+/).filter(Boolean);

/** Texts that begin with the query come first. */
export function byStart<T>(items: readonly T[], textOf: (item: T) => string, query: string): T[] {
  const start = query.trim().toLocaleLowerCase();
  const rank = (item: T) => (textOf(item).toLocaleLowerCase().startsWith(start) ? 0 : 1);
  return [...items].sort((a, b) => rank(a) - rank(b));
}
