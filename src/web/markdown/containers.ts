import { BEGINS_HTML } from './html-blocks.js';

/** A quote, an item of a list or a footnote around lines of a growing text. */
export interface Container {
  kind: 'quote' | 'item' | 'note';
  /** Columns before the content of an item. */
  indent: number;
  /** The content of the line before. */
  last: string;
  /** That line was the first. */
  isNew: boolean;
}

export interface Opened {
  container: Container;
  /** The rest of the line. */
  content: string;
}

const QUOTE = /^ {0,3}>/;
const ITEM = /^( {0,3}(?:[-+*]|\d{1,9}[.)]))((?:[ \t].*)?)$/;
/** Only such an item can follow a paragraph without an empty line. */
const INTERRUPTS = /^ {0,3}(?:[-+*]|1[.)])[ \t]+[^ \t]/;
const NOTE = /^\[\^[^\]\s]{1,40}\]:[ \t]*/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$/;
const HEADING = /^ {0,3}#{1,6}(?:\s|$)/;
/** The beginning of a block, which ends an item if fewer blanks stand before it than before the item's content. */
const BEGINS = new RegExp(
  `^(?:\`{3}|~{3}|#{1,6}(?:\\s|$)|>|(?:[-+*]|\\d{1,9}[.)])(?:[ \\t]|$)|${BEGINS_HTML})`,
  'i',
);
/** Markers before the content of the first line of an item. */
const MARKERS = /^(?: {0,3}(?:[-+*]|\d{1,9}[.)])[ \t]+| {0,3}>[ \t]?)+/;
/** A line behind which no paragraph goes on. */
const ENDED = new RegExp(
  `^ {0,3}(?:\`{3}|~{3}|#{1,6}(?:\\s|$)|${BEGINS_HTML})|^(?: {4}| {0,3}\\t)`,
  'i',
);

export const isBlank = (line: string): boolean => line.trim() === '';

export const isHeadingOrRule = (line: string): boolean => HEADING.test(line) || RULE.test(line);

/** The container that a line begins. */
export function openedBy(line: string, inParagraph: boolean): Opened | null {
  if (QUOTE.test(line)) return opened('quote', quoted(line));
  const [note] = NOTE.exec(line) ?? [];
  if (note !== undefined) return opened('note', line.slice(note.length));
  const [, mark = '', rest = ''] = ITEM.exec(line) ?? [];
  if (mark === '' || RULE.test(line) || (inParagraph && !INTERRUPTS.test(line))) return null;
  const last = withBlanks(rest, mark.length);
  const blanks = last.search(/[^ ]/);
  const used = blanks > 4 || blanks < 0 ? 1 : blanks;
  const container: Container = { kind: 'item', indent: mark.length + used, last, isNew: true };
  return { container, content: last.slice(used) };
}

const opened = (kind: 'quote' | 'note', content: string): Opened => ({
  container: { kind, indent: 0, last: content, isNew: true },
  content,
});

/** A line without the mark of a quote. */
function quoted(line: string): string {
  const mark = line.indexOf('>') + 1;
  const rest = line.slice(mark);
  return rest.startsWith(' ') ? rest.slice(1) : withBlanks(rest, mark).replace(/^ /, '');
}

/** Takes the next line. Returns its part within the container, or null: it is outside, or lacks the mark of the quote. */
export function takeLine(container: Container, line: string): string | null {
  const content = CONTENT_IN[container.kind](container, line);
  container.last = content ?? line;
  container.isNew = false;
  return content;
}

const CONTENT_IN = {
  quote: (_: Container, line: string) => (QUOTE.test(line) ? quoted(line) : null),
  item: inItem,
  note: inNote,
};

function inNote({ last }: Container, line: string): string | null {
  if (isBlank(line)) return isBlank(last) ? null : '';
  return /^[ \t]{2}/.test(line) ? line.replace(/^[ \t]{1,4}/, '') : null;
}

/** As `marked` does, a line with too few blanks goes on with a paragraph, and also with code. */
function inItem({ indent, last, isNew }: Container, line: string): string | null {
  const spread = withBlanks(line);
  if (isBlank(line)) return isNew && isBlank(last) ? null : spread.slice(indent);
  const blanks = spread.search(/[^ ]/);
  if (blanks >= indent) return spread.slice(indent);
  return beginsBlock(line) || isBlank(last) || isEnded(last) ? null : line;
}

/** Whether a line begins a block wherever it stands. */
export const beginsBlock = (line: string): boolean =>
  /^ {0,3}\S/.test(line) && (BEGINS.test(line.trimStart()) || RULE.test(line));

function isEnded(last: string): boolean {
  const content = last.replace(MARKERS, '');
  return isBlank(content) || [last, content].some((line) => ENDED.test(line) || RULE.test(line));
}

/** A line with blanks for the tabs at its beginning, which stands at a column. */
function withBlanks(line: string, column = 0): string {
  const [tabs = ''] = /^[ \t]*/.exec(line) ?? [];
  if (!tabs.includes('\t')) return line;
  let end = column;
  for (const blank of tabs) end += blank === '\t' ? 4 - (end % 4) : 1;
  return ' '.repeat(end - column) + line.slice(tabs.length);
}
