import type { Token } from 'marked';
import { type Block, isVisible, partsIn, tagsOf, toBlock } from './block-of.js';
import type { Notes } from './footnotes.js';
import type { Format } from './format.js';
import { type Scan, unmask } from './formulas.js';
import { type Headings, NO_HEADINGS } from './headings.js';
import { continues, type Growing, type Held, hold } from './held-parts.js';
import { unitsOf } from './units.js';

/** Each block is sanitised and laid out separately. */
const BLOCKS_MAX = 1_000;
const TAGS_MAX = 10_000;
/** The settled blocks: no further text changes them. */
export interface Settled {
  text: string;
  blocks: readonly Block[];
  headings: Headings;
  /** The beginning of a list or table that `text` ends with. Its block is not among `blocks`. */
  held: Held | null;
}

export const NOTHING: Settled = {
  text: '',
  blocks: [],
  headings: NO_HEADINGS,
  held: null,
};

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
  /** The starts of the blocks that were read now. */
  starts: readonly Start[];
  /** The text that was read. */
  read: string;
  /** Text that is too much to be formatted. */
  unread: string;
  /** The last block, if it is a list or table whose first parts can be held. */
  growing: Growing | null;
}

/** Reads as many blocks as the page can handle. Null: the text does not go on with the list or table that is held. */
export function readUnits({ format, settled, scan, tokens, notes }: Reading): Read | null {
  const blocks = [...settled.blocks];
  const starts: Start[] = [];
  let { held } = settled;
  let tags = blocks.reduce((sum, block) => sum + tagsOf(block), 0);
  let read = '';
  let growing: Growing | null = null;
  // Null, because the result would lack the held list or table.
  const end = () =>
    held === null
      ? { blocks, starts, read, unread: scan.masked.slice(read.length), growing: null }
      : null;
  format.headings = settled.headings;
  const units = unitsOf(tokens);
  if (held !== null && !continues(held, units[0]?.[0])) return null;
  for (const unit of units) {
    const raw = unit
      .map((token) => token.raw)
      .join('')
      .slice(held?.prefix.length ?? 0);
    if (isVisible(unit[0])) {
      const start = { at: read.length, headings: format.headings };
      if (2 * (partsIn(unit) + (held?.html.length ?? 0)) > TAGS_MAX - tags) return end();
      const made = toBlock({ format, formulas: scan.formulas, notes, held }, unit, raw);
      tags += tagsOf(made.block);
      if (tags > TAGS_MAX || blocks.length >= BLOCKS_MAX) return end();
      blocks.push(made.block);
      starts.push(start);
      growing = start.headings === format.headings ? made.growing : null;
    } else growing = null;
    held = null;
    read += raw;
  }
  return { blocks, starts, read, unread: '', growing };
}

/** Settles the blocks that no further text can change. */
export function settle(settled: Settled, read: Read, tail: string, scan: Scan): Settled {
  return settleParts(settled, read, tail, scan) ?? settleBlocks(settled, read, tail, scan);
}

/**
 * Takes everything before the last two blocks. They are two, because a list continues if the text after it turns out to
 * be an item.
 */
function settleBlocks(
  settled: Settled,
  { blocks, starts, read }: Read,
  tail: string,
  scan: Scan,
): Settled {
  const start = starts.at(-2);
  const isHeld = settled.held !== null && starts.length <= 2;
  if (start === undefined || isHeld || !scan.masked.startsWith(read.slice(0, start.at)))
    return settled;
  return {
    text: settled.text + tail.slice(0, start.at),
    blocks: blocks.slice(0, -2),
    headings: start.headings,
    held: null,
  };
}

/** Takes the first parts of a long list or table at the end. Everything before it is settled. */
function settleParts(
  settled: Settled,
  { blocks, starts, read, growing }: Read,
  tail: string,
  scan: Scan,
): Settled | null {
  const start = starts.at(-1);
  if (start === undefined || growing === null) return null;
  const before = starts.length === 1 ? settled.held : null;
  const more = hold(before, growing, (masked) => unmask(masked, scan.formulas));
  const at = start.at + (more?.length ?? 0);
  if (more === null || !scan.masked.startsWith(read.slice(0, at))) return null;
  return {
    text: settled.text + tail.slice(0, at),
    blocks: blocks.slice(0, -1),
    headings: start.headings,
    held: more.held,
  };
}

/** The list or table is read from its beginning again. */
export const withoutHeld = ({ held, ...settled }: Settled): Settled => ({
  ...settled,
  text: settled.text.slice(0, settled.text.length - (held?.raw.length ?? 0)),
  held: null,
});
