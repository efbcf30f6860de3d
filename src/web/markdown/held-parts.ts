import type { Token, Tokens } from 'marked';
import { columnsOf, TABLE_CELLS } from './bounded-lexer.js';
import { indexOfFormula } from './formulas.js';

/**
 * The items or rows of a growing list or table that no further text changes. The text goes on behind them, so that it
 * is not read from the beginning of the block each time.
 */
export interface Held {
  /** Stands before the rest when that is read: the head of a table. */
  prefix: string;
  /** The text of the block that is held. */
  raw: string;
  open: string;
  close: string;
  html: readonly string[];
  tags: number;
  /** Null: a table. */
  ordered: boolean | null;
}

/** A list or table as it was read just now. */
export interface Growing {
  token: Tokens.List | Tokens.Table;
  /** Its text, with formulas as placeholders and without what was held before. */
  masked: string;
  open: string;
  close: string;
  /** All parts, also those that were held before. */
  html: readonly string[];
}

/** Holding fewer parts is not worth it. */
const LEAST = 8;
/** The last one grows, and the one before it is looked at by `withoutHalves`. */
const OPEN_PARTS = 2;

export const isList = (token: Token): token is Tokens.List => token.type === 'list';
export const isTable = (token: Token): token is Tokens.Table => token.type === 'table';

/** Whether the rest was read as the same list or table. A change that makes a list loose changes all of its items. */
export function continues(held: Held, token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (isList(token)) return token.ordered === held.ordered && !token.loose;
  const rows = held.html.length + (isTable(token) ? token.rows.length : 0);
  return isTable(token) && held.ordered === null && columnsOf(held.prefix) * rows <= TABLE_CELLS;
}

/** Holds more parts of the list or table. Null: too few to be worth it, or they may still change. */
export function hold(before: Held | null, growing: Growing, rawOf: (masked: string) => string) {
  const { token, masked, open, close, html } = growing;
  const count = (isList(token) ? token.items.length : token.rows.length) - OPEN_PARTS;
  if (count < LEAST || (isList(token) && token.loose)) return null;
  const text = isList(token) ? itemsOf(token, count) : rowsOf(before, masked, count);
  const prefix = isList(token) ? '' : (before?.prefix ?? headOf(masked));
  if (text === null || !masked.startsWith(text) || indexOfFormula(prefix) >= 0) return null;
  const kept = html.slice(0, html.length - OPEN_PARTS);
  const added = kept.slice(before?.html.length ?? 0);
  const held: Held = {
    ...{ prefix, open, close, html: kept },
    raw: (before?.raw ?? '') + rawOf(text),
    tags: (before?.tags ?? 0) + added.join('').split('<').length - 1,
    ordered: isList(token) ? token.ordered : null,
  };
  return { held, length: text.length };
}

const itemsOf = ({ items }: Tokens.List, count: number): string =>
  items
    .slice(0, count)
    .map(({ raw }) => raw)
    .join('');

/** Each row is one line, behind the two of the head. */
function rowsOf(before: Held | null, masked: string, count: number): string | null {
  const lines = masked.split('\n');
  const skipped = before === null ? 2 : 0;
  const isWhole = lines.length >= skipped + count + OPEN_PARTS;
  return isWhole ? `${lines.slice(0, skipped + count).join('\n')}\n` : null;
}

const headOf = (masked: string): string => `${masked.split('\n', 2).join('\n')}\n`;
