import { contentOf, isFence } from './fences.js';
import { BEGINS_HTML } from './html-blocks.js';

/** A paragraph is looked at from its beginning, a longer one from its last line. */
const LOOK_BACK = 4_000;
/** Longer leaves and lines are shown as they are. */
const LEAF_CHARS = 4_000;
const MARKS_CHARS = 200;
/** A line that is only marks: of an item, a task, a heading, a quote, a rule, a fence, a table, a definition. */
const ONLY_MARKS =
  /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)]?)?[ \t]*(?:\[[ xX]?\]?)?|#{1,6}|[-=*_ \t]+|`{1,2}|`{3,}[^`\n]*|~{1,2}|~{3,}.*|\||\[\^?[^\]\n]{0,40}\]?:?|\[(?!\^)[^\]\n]{1,100}\]:.*)[ \t]*$/;
const ROW = /^[ \t>]*\|/;
const DELIMITERS = /^[ \t>]*[|:-][-|: \t]*$/;
/** The line that makes the text above it a heading. */
const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
/** The beginning of a tag or of an entity. */
const HALF =
  /<\/?(?:[A-Za-z][A-Za-z\d]{0,9}[ \t]?\/?)?$|&(?:#?\w{0,8})$|(?<=(?:^|[^\\])(?:\\\\)*)\\$/;
/** The start of a line that begins an item, a heading, a quote, a row, a note or a block of HTML. */
const LEAF = new RegExp(
  `^[ \\t]*(?:(?:[-+*]|\\d{1,9}[.)]|#{1,6})(?:[ \\t]|$)|>|\\||\\[\\^[^\\]\\n]{1,40}\\]:|${BEGINS_HTML})`,
  'gim',
);
const MARKERS = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)]|#{1,6})(?=[ \t])))*[ \t]*(?:\[[ xX]\][ \t])?/;
/** A link without its end: the text, and the address that has begun. */
const HALF_LINK = /^!?\[([^[\]\n]{0,80})(\]?|\]\([^)\s]{0,2000}(?:[ \t]+"?[^"\n)]{0,200}"?)?)$/;
const LETTER = /[\p{L}\p{N}]/u;

/**
 * The shown part of a growing text whose end may be half of a mark. The half is held back or completed, so that the
 * next characters take nothing away. `inFence`: the last line is code.
 */
export function withoutHalves(text: string, inFence: boolean): string {
  if (inFence) return text.replace(/\n[ \t>]*[`~]+[ \t]*$/, '\n');
  const start = lastParagraph(text);
  const shown = wholeLines(text.slice(start));
  const leaf = lastLeaf(shown);
  // Without its half mark, a line may be only marks.
  return text.slice(0, start) + wholeLines(shown.slice(0, leaf) + closed(shown.slice(leaf)));
}

/** Finds the start of the text behind the last empty line, the last code and the last heading that is underlined. */
function lastParagraph(text: string): number {
  const empty = text.lastIndexOf('\n\n');
  let start = empty < 0 ? 0 : empty + 2;
  if (text.length - start > LOOK_BACK) return text.lastIndexOf('\n') + 1;
  for (let at = start; ; ) {
    const end = text.indexOf('\n', at);
    if (end < 0) return start;
    const content = contentOf(text.slice(at, end));
    at = end + 1;
    if (content === '' || isFence(content) || UNDERLINE.test(content)) start = at;
  }
}

/** Leaves out last lines that could become something else. */
function wholeLines(paragraph: string): string {
  const at = paragraph.lastIndexOf('\n') + 1;
  const line = paragraph.slice(at);
  if (line !== '' && line.length <= MARKS_CHARS && ONLY_MARKS.test(line))
    return paragraph.slice(0, at);
  return withoutHalfTable(paragraph);
}

/** A row is the head of a table only if the line below it says so. */
function withoutHalfTable(paragraph: string): string {
  const lines = paragraph.split('\n');
  const [last = '', before = '', first = ''] = lines.slice(-3).reverse();
  if (!ROW.test(last) && !DELIMITERS.test(last)) return paragraph;
  if (lines.length > 1 && ROW.test(before)) {
    const isTable = lines.length > 2 && (ROW.test(first) || DELIMITERS.test(before));
    return !isTable && DELIMITERS.test(last) ? lines.slice(0, -2).join('\n') : paragraph;
  }
  return ROW.test(last) && !DELIMITERS.test(before) ? lines.slice(0, -1).join('\n') : paragraph;
}

/** Finds the start of the last item, heading, quote, row, note or block of HTML: marks in it belong to nothing before. */
function lastLeaf(paragraph: string): number {
  let start = 0;
  for (const { index } of paragraph.matchAll(LEAF)) start = index;
  return start + (MARKERS.exec(paragraph.slice(start))?.[0].length ?? 0);
}

interface Open {
  mark: string;
  /** The start of the text behind the mark. */
  from: number;
}

/** Emphasis, code and links that are still open are closed or held back. */
function closed(paragraph: string): string {
  if (paragraph.length > LEAF_CHARS) return paragraph;
  const leaf = paragraph.replace(HALF, '');
  const open: Open[] = [];
  let at = 0;
  while (at < leaf.length) {
    const character = leaf.charAt(at);
    const run = runAt(leaf, at);
    if (character === '\\') {
      if (at + 1 === leaf.length) return finish(leaf.slice(0, at), open);
      at += 2;
    } else if (character === '`') {
      const end = endOfCode(leaf, at + run.length, run);
      if (end < 0) return withCode(leaf, at, run, open);
      at = end;
    } else if (character === '*' || character === '_' || character === '~') {
      const used = takeRun(open, leaf, at, run);
      if (at + run.length === leaf.length) return finish(leaf.slice(0, at + used), open);
      at += run.length;
    } else if (character === '[' || leaf.startsWith('![', at)) {
      const half = HALF_LINK.exec(leaf.slice(at));
      if (half !== null) return finish(leaf.slice(0, at) + labelOf(half), open);
      at += character === '[' ? 1 : 2;
    } else at += 1;
  }
  return finish(leaf, open);
}

/** The text before an address that has begun is certainly the text of a link. */
const labelOf = ([link, label = '', rest = '']: RegExpExecArray): string =>
  rest.startsWith('](') && !link.startsWith('!') ? label : '';

function runAt(text: string, at: number): string {
  const character = text.charAt(at);
  let end = at;
  while (text.charAt(end) === character) end += 1;
  return text.slice(at, end);
}

function endOfCode(text: string, from: number, run: string): number {
  for (let at = text.indexOf(run, from); at >= 0; ) {
    const found = runAt(text, at);
    if (found.length === run.length) return at + run.length;
    at = text.indexOf(run, at + found.length);
  }
  return -1;
}

/** Code whose end is to come. A shorter run at the end of the text is a part of that end. */
function withCode(leaf: string, at: number, run: string, open: Open[]): string {
  const before = leaf.slice(0, at);
  const code = leaf
    .slice(at + run.length)
    .replace(/`+$/, '')
    .trimEnd();
  return code === '' ? finish(before, open) : finish(before + run + code + run, open);
}

/** Closes and opens emphasis. Returns how much of the run closed something. */
function takeRun(open: Open[], leaf: string, at: number, run: string): number {
  const before = leaf.charAt(at - 1);
  const after = leaf.charAt(at + run.length);
  const character = run.charAt(0);
  if (character === '~' && run.length !== 2) return after === '' ? 0 : run.length;
  if (character === '_' && LETTER.test(before) && LETTER.test(after)) return run.length;
  const isFactor = run === '*' && /[A-Za-z\d)\]]/.test(before);
  let left = run.length;
  while (left > 0 && /\S/.test(before) && open.at(-1)?.mark.charAt(0) === character) {
    const { mark, from } = open.pop() ?? { mark: '', from: 0 };
    const closes = Math.min(mark.length, left);
    left -= closes;
    if (mark.length > closes) open.push({ mark: mark.slice(closes), from });
  }
  if (left > 0 && left <= 3 && /\S/.test(after) && !isFactor) {
    open.push({ mark: character.repeat(left), from: at + run.length });
  }
  return run.length - left;
}

/** Closes open marks that have text, and holds back those that have none. */
function finish(leaf: string, open: Open[]): string {
  let text = leaf;
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    if (text.slice(last.from).trim() !== '') break;
    text = text.slice(0, last.from - last.mark.length);
    open.pop();
  }
  if (open.length === 0) return text;
  return (
    text.trimEnd() +
    open
      .reverse()
      .map(({ mark }) => mark)
      .join('')
  );
}
