import type { Token, Tokens, TokensList } from 'marked';
import { isNote, type Notes } from './footnotes.js';
import { createFormat, type Format, type Part } from './format.js';
import { type Fence, type Formula, type Scan, scanFormulas, unmask } from './formulas.js';
import { withoutHalves } from './half-syntax.js';
import { type Headings, NO_HEADINGS } from './headings.js';
import { cutForFormat, growingDisplayable, type PlainBlock, plainBlocks } from './plain-text.js';
import { languageOf } from './renderer.js';
import { unitsOf } from './units.js';

export interface CodeBlock {
  kind: 'code';
  raw: string;
  language: string;
  text: string;
}

export interface HtmlBlock {
  kind: 'html';
  raw: string;
  html: string;
  tags: number;
  /** Items of a list or rows of a table; `html` is `open`, the parts and `close`. */
  parts?: { open: string; html: readonly string[]; close: string };
  /** The footnote that this is. */
  note?: { label: string; number: string };
}

/** One top-level block of an answer. Equal blocks keep their identity from one parse to the next. */
export type Block = CodeBlock | HtmlBlock | PlainBlock;

/** Footnotes come last, wherever they were written. */
export type BlockReader = (text: string, done: boolean) => readonly Block[];

/** Each block is sanitised and laid out separately. */
const BLOCKS_MAX = 1_000;
const TAGS_MAX = 10_000;
/** A definition may change what is before it, so all is read again, but not too often. */
const REREADS_MAX = 100;

/** What is settled: no further text changes it. */
interface Settled {
  text: string;
  blocks: readonly Block[];
  headings: Headings;
  /** The code fence that is open behind it. */
  fence: Fence | null;
}

const NOTHING: Settled = { text: '', blocks: [], headings: NO_HEADINGS, fence: null };

interface Definitions {
  links: TokensList['links'];
  notes: Notes;
}

const NO_DEFINITIONS = (): Definitions => ({ links: {}, notes: new Map() });

/**
 * Reads a growing Markdown text. Only the last blocks are parsed again, since more text can still change them; when
 * the text is complete, it is parsed once more as a whole. Half marks at the end of a growing text are held back. It
 * never throws: text that is too large or too deep to be formatted becomes plain blocks.
 */
export function createBlockReader(): BlockReader {
  const format = createFormat();
  let settled = NOTHING;
  let known = NO_DEFINITIONS();
  let rereads = 0;
  let last: readonly Block[] = [];
  const readable = growingDisplayable();

  /** `whole`: no more text will be formatted. */
  const readTail = (head: string, done: boolean, whole: boolean): readonly Block[] => {
    const tail = head.slice(settled.text.length);
    const scan = scanFormulas(tail, whole, settled.fence);
    const before = countOf(known);
    const around = { ...known, formulas: scan.formulas, done: whole };
    const tokens = format.lex(whole ? scan.masked : shownOf(scan), around);
    known = { ...known, links: { ...tokens.links } };
    if (countOf(known) > before && settled.blocks.length > 0 && rereads < REREADS_MAX) {
      rereads += 1;
      settled = NOTHING;
      return readTail(head, done, whole);
    }
    const read = readUnits({ format, settled, scan, tokens, notes: known.notes });
    if (!done && read.unread === '') settled = settle(settled, read, tail, scan);
    return [...read.blocks, ...plainBlocks(unmask(read.unread, scan.formulas))];
  };

  const tailOrPlain = (head: string, done: boolean, whole: boolean): readonly Block[] => {
    try {
      return readTail(head, done, whole);
    } catch {
      return [...settled.blocks, ...plainBlocks(head.slice(settled.text.length))];
    }
  };

  return (source, done) => {
    const lines = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    const text = readable(lines);
    if (done || !text.startsWith(settled.text)) {
      settled = NOTHING;
      known = NO_DEFINITIONS();
    }
    const [head, rest] = cutForFormat(text);
    const formatted = tailOrPlain(head, done, done || rest !== '');
    last = keptFrom(last, withNotesLast([...formatted, ...plainBlocks(rest)]));
    return last;
  };
}

const countOf = ({ links, notes }: Definitions): number => Object.keys(links).length + notes.size;

/** The text up to a formula that is open, without half marks. */
function shownOf({ masked, openAt, fenceAt }: Scan): string {
  const text = openAt === null ? masked : masked.slice(0, openAt);
  return withoutHalves(text, fenceAt(text.lastIndexOf('\n') + 1) !== null);
}

const noteOf = (block: Block) => (block.kind === 'html' ? block.note : undefined);

function withNotesLast(blocks: readonly Block[]): readonly Block[] {
  if (!blocks.some(noteOf)) return blocks;
  return [...blocks.filter((block) => !noteOf(block)), ...blocks.filter(noteOf)];
}

const keptFrom = (before: readonly Block[], blocks: readonly Block[]): readonly Block[] =>
  blocks.map((block, index) => {
    const old = before[index];
    return old !== undefined && looksLike(old, block) ? old : block;
  });

function looksLike(a: Block, b: Block): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'html' && b.kind === 'html') {
    return (
      a.html === b.html && a.note?.label === b.note?.label && a.note?.number === b.note?.number
    );
  }
  if (a.kind === 'code' && b.kind === 'code') return a.text === b.text && a.language === b.language;
  return a.raw === b.raw;
}

interface Reading {
  format: Format;
  settled: Settled;
  scan: Scan;
  tokens: readonly Token[];
  notes: Notes;
}

interface Start {
  /** Length of the text before a block. */
  at: number;
  headings: Headings;
}

interface Read {
  blocks: readonly Block[];
  /** Where the blocks that were read now begin. */
  starts: readonly Start[];
  /** The text that was read. */
  read: string;
  /** Text that is too much to be formatted. */
  unread: string;
}

/** Reads as many blocks as the page can handle. */
function readUnits({ format, settled, scan, tokens, notes }: Reading): Read {
  const blocks = [...settled.blocks];
  const starts: Start[] = [];
  let tags = blocks.reduce((sum, block) => sum + tagsOf(block), 0);
  let read = '';
  format.headings = settled.headings;
  for (const unit of unitsOf(tokens)) {
    const raw = unit.map((token) => token.raw).join('');
    if (isVisible(unit[0])) {
      const start = { at: read.length, headings: format.headings };
      if (2 * partsIn(unit) > TAGS_MAX - tags) {
        return { blocks, starts, read, unread: scan.masked.slice(read.length) };
      }
      const block = toBlock({ format, formulas: scan.formulas, notes }, unit, raw);
      tags += tagsOf(block);
      if (tags > TAGS_MAX || blocks.length >= BLOCKS_MAX) {
        return { blocks, starts, read, unread: scan.masked.slice(read.length) };
      }
      blocks.push(block);
      starts.push(start);
    }
    read += raw;
  }
  return { blocks, starts, read, unread: '' };
}

/**
 * Settles what no further text can change: what is before the last two blocks. Two, because a list continues if the
 * text after it turns out to be an item.
 */
function settle(
  settled: Settled,
  { blocks, starts, read }: Read,
  tail: string,
  scan: Scan,
): Settled {
  const start = starts.at(-2);
  if (start === undefined || !scan.masked.startsWith(read.slice(0, start.at))) return settled;
  return {
    text: settled.text + tail.slice(0, start.at),
    blocks: blocks.slice(0, -2),
    headings: start.headings,
    fence: scan.fenceAt(start.at),
  };
}

const isVisible = (token: Token | undefined): boolean =>
  token !== undefined && token.type !== 'space' && token.type !== 'def';

const tagsOf = (block: Block): number => (block.kind === 'html' ? block.tags : 1);

interface Around {
  format: Format;
  formulas: readonly Formula[];
  notes: Notes;
}

function toBlock({ format, formulas, notes }: Around, unit: Token[], masked: string): Block {
  const [token] = unit;
  const raw = unmask(masked, formulas);
  if (token === undefined || unit.length > 1) return htmlBlock(raw, format.html(unit));
  if (isCode(token)) {
    const language = languageOf(token.lang);
    return { kind: 'code', raw, language, text: unmask(token.text, formulas) };
  }
  if (isList(token)) return inParts(format, raw, { ...token, items: [] }, token.items);
  if (isTable(token)) return inParts(format, raw, { ...token, rows: [] }, token.rows);
  const block = htmlBlock(raw, format.html(unit));
  if (!isNote(token)) return block;
  return { ...block, note: { label: token.label, number: notes.get(token.label) ?? token.label } };
}

/** Items or rows, each of which has two tags at least. */
function partsIn([token]: Token[]): number {
  if (token === undefined) return 0;
  return isList(token) ? token.items.length : isTable(token) ? token.rows.length : 0;
}

const htmlBlock = (raw: string, html: string): HtmlBlock => ({
  kind: 'html',
  raw,
  html,
  tags: html.split('<').length,
});

/** `frame` is the list or table without its parts. */
function inParts(format: Format, raw: string, frame: Token, parts: readonly Part[]): HtmlBlock {
  const empty = format.html([frame]);
  const cut = empty.lastIndexOf('</');
  const isRows = frame.type === 'table';
  // Without the line breaks between parts, which a part that comes later would not have.
  const open = `${empty.slice(0, cut).trimEnd()}${isRows ? '<tbody>' : ''}`;
  const close = `${isRows ? '</tbody>' : ''}${empty.slice(cut).trimEnd()}`;
  const html = parts.map((part) => format.part(part).trimEnd());
  return { ...htmlBlock(raw, open + html.join('') + close), parts: { open, html, close } };
}

const isCode = (token: Token): token is Tokens.Code => token.type === 'code';
const isList = (token: Token): token is Tokens.List => token.type === 'list';
const isTable = (token: Token): token is Tokens.Table => token.type === 'table';
