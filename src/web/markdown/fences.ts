/** A code fence that is open at some place. */
export interface Fence {
  mark: string;
  length: number;
  /** Begun in a quote, with which it ends. */
  quoted: boolean;
  /** Begun behind the mark of an item: a line with fewer blanks before it ends both. */
  indent: number;
}

const FENCE = /^(`{3,}|~{3,})(.*)$/;
/** Markers of quotes and lists before the content of a line. */
const CONTAINER = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*/;

/** The fence in which a line stands, given the one after the line before. */
export function fenceAround(line: string, fence: Fence | null): Fence | null {
  if (fence === null) return null;
  if (fence.quoted) return isQuoted(line) ? fence : null;
  const blanks = line.search(/\S/);
  return blanks >= 0 && blanks < fence.indent ? null : fence;
}

/** The fence after a line, given the one around it. */
export function fenceAfter(line: string, fence: Fence | null): Fence | null {
  if (fence === null) return fenceBegunBy(line);
  // A quote or an item inside of code is code.
  const content = fence.quoted ? contentOf(line) : line.trimStart();
  const [, marks = '', rest = ''] = FENCE.exec(content) ?? [];
  const ends = marks.charAt(0) === fence.mark && marks.length >= fence.length;
  return ends && rest.trim() === '' ? null : fence;
}

function fenceBegunBy(line: string): Fence | null {
  const container = containerOf(line);
  const marks = fenceMarks(line.slice(container.length));
  if (marks === '') return null;
  const indent = /\S/.test(container) ? container.length : 0;
  const quoted = container.includes('>');
  return { mark: marks.charAt(0), length: marks.length, quoted, indent };
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

/** The marks that begin or end code, or an empty text. A code span at the start of a line is none. */
function fenceMarks(content: string): string {
  const [, marks = '', rest = ''] = FENCE.exec(content) ?? [];
  return marks.startsWith('`') && rest.includes('`') ? '' : marks;
}

/** Whether a line with this content can begin or end code. */
export const isFence = (content: string): boolean => fenceMarks(content) !== '';

const containerOf = (line: string): string => CONTAINER.exec(line)?.[0] ?? '';

const isQuoted = (line: string): boolean => containerOf(line).includes('>');

/** A line without the markers of quotes and lists. */
export const contentOf = (line: string): string => line.slice(containerOf(line).length);

/** The end of the line at `from`, without its line break. */
export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
