import type { TokensList } from 'marked';
import type { Block } from './block-of.js';
import type { Notes } from './footnotes.js';
import { createFormat } from './format.js';
import { type Scan, scanFormulas, unmask } from './formulas.js';
import { withoutHalves } from './half-syntax.js';
import { cutForFormat, growingDisplayable, plainBlocks } from './plain-text.js';
import { NOTHING, readUnits, settle, withoutHeld } from './settled.js';

export type { Block, CodeBlock, HtmlBlock } from './block-of.js';

/** Footnotes come last, wherever they were written. */
export type BlockReader = (text: string, done: boolean) => readonly Block[];

/** A definition may change the text before it, so all is read again, but not too often. */
const REREADS_MAX = 100;

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
    const scan = scanFormulas(tail, whole);
    const before = countOf(known);
    const around = { ...known, formulas: scan.formulas, done: whole };
    const prefix = settled.held?.prefix ?? '';
    const tokens = format.lex(whole ? prefix + scan.masked : shownOf(scan, prefix), around);
    known = { ...known, links: { ...tokens.links } };
    if (countOf(known) > before && settled.text !== '' && rereads < REREADS_MAX) {
      rereads += 1;
      settled = NOTHING;
      return readTail(head, done, whole);
    }
    const read = readUnits({ format, settled, scan, tokens, notes: known.notes });
    if (read === null) {
      settled = withoutHeld(settled);
      return readTail(head, done, whole);
    }
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
function shownOf({ masked, openAt, inCode }: Scan, prefix: string): string {
  const text = openAt === null ? masked : masked.slice(0, openAt);
  return withoutHalves(prefix + text, inCode);
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
