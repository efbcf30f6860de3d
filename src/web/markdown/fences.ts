import { BLOCK_DEPTH } from './bounded-lexer.js';
import {
  beginsBlock,
  type Container,
  isBlank,
  isHeadingOrRule,
  openedBy,
  takeLine,
} from './containers.js';
import { htmlBegunBy } from './html-blocks.js';

/** `fence`: the line begins code. `code`: it is inside of code, or ends it. */
export type LineKind = 'text' | 'fence' | 'code';

interface Fence {
  mark: string;
  length: number;
}

const FENCE = /^(`{3,}|~{3,})(.*)$/;
const INDENTED = /^(?: {4}| {0,3}\t)/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;
/** Markers of quotes and lists before the content of a line. */
const CONTAINERS = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*/;

/**
 * Reads a text line by line, from the beginning of a block, and tells which lines are code. It follows `marked`, whose
 * tokens come too late: half marks and formulas are looked for before them.
 */
export class FenceReader {
  readonly #containers: Container[] = [];
  #fence: Fence | null = null;
  /** What ends the block of HTML around the next line. */
  #html: RegExp | null = null;
  #inParagraph = false;
  /** The line lacks the mark of a quote that goes on. */
  #isLazy = false;

  read(line: string): LineKind {
    const content = this.#enter(line);
    if (this.#fence !== null) {
      if (ends(content, this.#fence)) this.#fence = null;
      return 'code';
    }
    if (this.#html !== null) {
      if (this.#html.test(content)) this.#html = null;
      return 'text';
    }
    return this.#begin(content);
  }

  /**
   * Leaves the containers that end before a line. Returns its part within the others. As in `marked`, a list in a quote
   * ends with a line that has the mark of the quote behind one that lacks it.
   */
  #enter(line: string): string {
    const parts = [line];
    // The outermost quote whose mark the line lacks.
    let unmarked = -1;
    for (const [index, container] of this.#containers.entries()) {
      const outer = parts[index] ?? '';
      const mayLack = container.kind === 'quote' && canLackMark(container, outer);
      const inner = takeLine(container, outer);
      if (inner === null && !mayLack) return this.#leave(unmarked < 0 ? index : unmarked, parts);
      if (inner === null && unmarked < 0) unmarked = index;
      parts.push(inner ?? outer);
      const isMarkedAgain = this.#isLazy && inner !== null && container.kind === 'quote';
      if (isMarkedAgain && this.#containers[index + 1]?.kind === 'item')
        return this.#leave(index + 1, parts);
    }
    this.#isLazy = unmarked >= 0;
    const goesOn = unmarked < 0 || this.#inParagraph || this.#containers.at(-1)?.kind === 'item';
    return goesOn ? (parts.at(-1) ?? '') : this.#leave(unmarked, parts);
  }

  /** Leaves the container with an index, and all inside of it. */
  #leave(index: number, parts: readonly string[]): string {
    this.#containers.splice(index);
    this.#fence = null;
    this.#html = null;
    this.#inParagraph = false;
    this.#isLazy = false;
    return parts[index] ?? '';
  }

  #begin(line: string): LineKind {
    let content = line;
    while (this.#containers.length < BLOCK_DEPTH) {
      const opened = openedBy(content, this.#inParagraph);
      if (opened === null) return this.#leaf(content);
      this.#containers.push(opened.container);
      this.#inParagraph = false;
      content = opened.content;
    }
    return 'text';
  }

  #leaf(content: string): LineKind {
    if (INDENTED.test(content) && !isBlank(content)) return 'text';
    const marks = fenceMarks(content.trimStart());
    if (marks !== '') this.#fence = { mark: marks.charAt(0), length: marks.length };
    // `marked` reads the text of an item line by line, so a tag alone on its line always begins HTML there.
    const inText = this.#inParagraph && this.#containers.at(-1)?.kind !== 'item';
    const html = marks === '' ? htmlBegunBy(content, inText) : null;
    if (html !== null && !html.test(content)) this.#html = html;
    const underlines = this.#inParagraph && !this.#isLazy && UNDERLINE.test(content);
    const isOther = marks !== '' || html !== null || underlines || isHeadingOrRule(content);
    this.#inParagraph = !isOther && !isBlank(content);
    return marks === '' ? 'text' : 'fence';
  }
}

/** A line behind one that is not empty can lack the mark of the quote, if it begins nothing. */
const canLackMark = ({ last }: Container, line: string): boolean =>
  !isBlank(last) && !isBlank(line) && !beginsBlock(line);

function ends(content: string, { mark, length }: Fence): boolean {
  const [, marks = '', rest = ''] = FENCE.exec(content.replace(/^ {1,3}/, '')) ?? [];
  return marks.charAt(0) === mark && marks.length >= length && /^ *$/.test(rest);
}

/** Whether the last line of a text is code. */
export function endsInCode(text: string): boolean {
  const fences = new FenceReader();
  let kind: LineKind = 'text';
  for (let at = 0; at <= text.length; ) {
    const end = lineEnd(text, at);
    kind = fences.read(text.slice(at, end));
    at = end + 1;
  }
  return kind === 'code';
}

/** The marks that begin or end code, or an empty text. A code span at the start of a line is none. */
function fenceMarks(content: string): string {
  const [, marks = '', rest = ''] = FENCE.exec(content) ?? [];
  return marks.startsWith('`') && rest.includes('`') ? '' : marks;
}

/** Whether a line with this content can begin or end code. */
export const isFence = (content: string): boolean => fenceMarks(content) !== '';

/** A line without the markers of quotes and lists. */
export const contentOf = (line: string): string =>
  line.slice(CONTAINERS.exec(line)?.[0].length ?? 0);

/** The end of the line at `from`, without its line break. */
export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
