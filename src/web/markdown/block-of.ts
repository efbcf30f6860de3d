import type { Token, Tokens } from 'marked';
import { isNote, type Notes } from './footnotes.js';
import type { Format } from './format.js';
import { type Formula, unmask } from './formulas.js';
import { type Growing, type Held, isList, isTable } from './held-parts.js';
import type { PlainBlock } from './plain-text.js';
import { languageOf } from './renderer.js';

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

export const isVisible = (token: Token | undefined): boolean =>
  token !== undefined && token.type !== 'space' && token.type !== 'def';

export const tagsOf = (block: Block): number => (block.kind === 'html' ? block.tags : 1);

interface Around {
  format: Format;
  formulas: readonly Formula[];
  notes: Notes;
  held: Held | null;
}

interface Made {
  block: Block;
  growing: Growing | null;
}

export function toBlock(around: Around, unit: Token[], masked: string): Made {
  const [token] = unit;
  if (token === undefined || unit.length > 1 || !(isList(token) || isTable(token)))
    return { block: toWhole(around, unit, unmask(masked, around.formulas)), growing: null };
  const { format, formulas, held } = around;
  const frame = held ?? frameOf(format, token);
  const parts = isList(token) ? token.items : token.rows;
  const added = parts.map((part) => format.part(part).trimEnd());
  const html = [...(held?.html ?? []), ...added];
  const { open, close } = frame;
  const block: HtmlBlock = {
    kind: 'html',
    raw: (held?.raw ?? '') + unmask(masked, formulas),
    html: open + html.join('') + close,
    tags: (held?.tags ?? 0) + `${open}${added.join('')}${close}`.split('<').length,
    parts: { open, html, close },
  };
  return { block, growing: { token, masked, open, close, html } };
}

function toWhole({ format, formulas, notes }: Around, unit: Token[], raw: string): Block {
  const [token] = unit;
  if (token === undefined || unit.length > 1) return htmlBlock(raw, format.html(unit));
  if (isCode(token)) {
    const language = unmask(languageOf(token.lang), formulas);
    return { kind: 'code', raw, language, text: unmask(token.text, formulas) };
  }
  const block = htmlBlock(raw, format.html(unit));
  if (!isNote(token)) return block;
  return { ...block, note: { label: token.label, number: notes.get(token.label) ?? token.label } };
}

/** Items or rows, each of which has two tags at least. */
export function partsIn([token]: Token[]): number {
  if (token === undefined) return 0;
  return isList(token) ? token.items.length : isTable(token) ? token.rows.length : 0;
}

const htmlBlock = (raw: string, html: string): HtmlBlock => ({
  kind: 'html',
  raw,
  html,
  tags: html.split('<').length,
});

/** The tags around the parts of a list or table. */
function frameOf(format: Format, token: Tokens.List | Tokens.Table) {
  const isRows = token.type === 'table';
  const empty = format.html([isRows ? { ...token, rows: [] } : { ...token, items: [] }]);
  const cut = empty.lastIndexOf('</');
  // The line breaks between parts are left out: a part that comes later would not have them.
  const open = `${empty.slice(0, cut).trimEnd()}${isRows ? '<tbody>' : ''}`;
  const close = `${isRows ? '</tbody>' : ''}${empty.slice(cut).trimEnd()}`;
  return { open, close };
}

const isCode = (token: Token): token is Tokens.Code => token.type === 'code';
