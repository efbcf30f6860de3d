/** A code fence that is open at some place. */
export interface Fence {
  mark: string;
  length: number;
  /** It ends with the quote. */
  quoted: boolean;
}

/** A line that begins or ends code, without what stands before its content. */
export const FENCE = /^(`{3,}|~{3,})(.*)$/;
/** Markers of quotes and lists before the content of a line. */
const CONTAINER = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*/;

/** The fence in which a line stands, given the one after the line before. */
export const fenceAround = (line: string, fence: Fence | null): Fence | null =>
  fence?.quoted && !isQuoted(line) ? null : fence;

/** The fence after a line, given the one around it. */
export function fenceAfter(line: string, fence: Fence | null): Fence | null {
  // A quote or an item inside of code is code.
  const found = FENCE.exec(fence === null || fence.quoted ? contentOf(line) : line.trimStart());
  if (found === null) return fence;
  const [, marks = '', rest = ''] = found;
  const mark = marks.charAt(0);
  if (fence === null) {
    if (mark === '`' && rest.includes('`')) return null;
    return { mark, length: marks.length, quoted: isQuoted(line) };
  }
  const closes = mark === fence.mark && marks.length >= fence.length && rest.trim() === '';
  return closes ? null : fence;
}

/** Finds the fence around the line at an offset. `fence`: the one that is open at the beginning. */
export function fencesOf(text: string, fence: Fence | null) {
  return (offset: number): Fence | null => {
    let open = fence;
    for (let at = 0; at < text.length; ) {
      const end = lineEnd(text, at);
      const line = text.slice(at, end);
      open = fenceAround(line, open);
      if (at >= offset) break;
      open = fenceAfter(line, open);
      at = end + 1;
    }
    return open;
  };
}

const isQuoted = (line: string): boolean => CONTAINER.exec(line)?.[0].includes('>') ?? false;

/** A line without the markers of quotes and lists. */
export const contentOf = (line: string): string =>
  line.slice(CONTAINER.exec(line)?.[0].length ?? 0);

/** The end of the line at `from`, without its line break. */
export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
