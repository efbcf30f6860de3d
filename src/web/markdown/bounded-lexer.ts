import {
  Lexer,
  type MarkedOptions,
  type Token,
  Tokenizer,
  type Tokens,
  type TokensList,
} from 'marked';
import { beforeRun, urlLength } from './cjk.js';
import { NOTE_LINE } from './footnotes.js';
import type { Inlines } from './inlines.js';
import { plainBlocks } from './plain-text.js';

/** Nesting of quotes and lists. Deeper ones are text. */
export const BLOCK_DEPTH = 10;
/** Nesting of emphasis, links and the like. */
const INLINE_DEPTH = 20;
/** Length of a paragraph, cell or heading. Longer ones are text. */
const LEAF_CHARS = 10_000;
/** Short rows are filled up to the width of the head: few characters can ask for millions of cells. */
const TABLE_HEAD = /^([^\n]*)\n[ \t]*[|:-][-|: \t]*(?:\n|$)/;
const TABLE_COLUMNS = 100;
export const TABLE_CELLS = 10_000;
/**
 * The patterns of `marked` scan the rest of a run of blanks, or of ASCII without blanks, from each of its characters.
 */
const RUN_CHARS = 2_000;
/** Characters that the inline patterns may scan in one text, counted as the rest of the leaf at each step. */
const EFFORT = 10_000_000;
/** Cost of a block-level step, which scans little text with many patterns. */
const BLOCK_STEP = 400;
/** The clock ends work that the counts do not foresee. */
const EFFORT_MS = 1_000;
const CLOCK_EVERY = 64;

/** Line breaks beside these tags are not shown. Blanks are only tried from the first of a run: a run may be long. */
const BESIDE_DETAILS =
  /(<\/?(?:details|summary)[ \t]*>)[ \t]*\n[ \t]*|(?<![ \t])[ \t]*\n[ \t]*(<\/?(?:details|summary)[ \t]*>)/gi;
const BREAK: Tokens.Br = { type: 'br', raw: '' };

/** The work that one text may cost. When it is used up, the rest becomes text. */
class Effort {
  #left = EFFORT;
  #steps = 0;
  readonly #deadline = performance.now() + EFFORT_MS;

  get isOver(): boolean {
    return this.#left <= 0;
  }

  spend(characters: number): void {
    this.#left -= characters;
    this.#steps += 1;
    if (this.#steps % CLOCK_EVERY === 0 && performance.now() > this.#deadline) this.#left = 0;
  }
}

export interface LexOptions {
  marked: MarkedOptions;
  /** Definitions of links that stand before the text. */
  links: TokensList['links'];
  /** Leaves that were read before. */
  inlines: Inlines;
  /** The text as it was written. */
  written(text: string): string;
}

/** The lexer of `marked` with bounds on depth and work, so that no text can exhaust the stack or block the page. */
export function lexBounded(text: string, options: LexOptions): TokensList {
  const effort = new Effort();
  const tokenizer = new BoundedTokenizer(effort);
  return new BoundedLexer({ ...options.marked, tokenizer }, effort, options).lex(text);
}

class BoundedLexer extends Lexer {
  readonly #effort: Effort;
  readonly #known: Inlines;
  readonly #written: (text: string) => string;
  #blocks = 0;
  #inlines = 0;

  constructor(marked: MarkedOptions, effort: Effort, { links, inlines, written }: LexOptions) {
    super(marked);
    this.#effort = effort;
    this.#known = inlines;
    this.#written = written;
    Object.assign(this.tokens.links, links);
  }

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped?: boolean) {
    if (this.#blocks >= BLOCK_DEPTH || this.#effort.isOver) {
      const text = this.#written(src);
      tokens.push({ type: 'text', raw: src, text, tokens: withText([], text) });
      return tokens;
    }
    this.#blocks += 1;
    try {
      return super.blockTokens(src, tokens, lastParagraphClipped);
    } finally {
      this.#blocks -= 1;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    const tooMuch = src.length > LEAF_CHARS || this.#effort.isOver || hasLongRun(src);
    if (tooMuch || this.#inlines >= INLINE_DEPTH) return withText(tokens, this.#written(src));
    if (this.#inlines > 0) return this.#inline(src, tokens);
    const known = this.#known.get(src) ?? this.#inline(src, []);
    if (!this.#effort.isOver) this.#known.put(src, known);
    tokens.push(...known);
    return tokens;
  }

  #inline(src: string, tokens: Token[]): Token[] {
    this.#inlines += 1;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlines -= 1;
    }
  }
}

class BoundedTokenizer extends Tokenizer {
  readonly #effort: Effort;

  constructor(effort: Effort) {
    super();
    this.#effort = effort;
  }

  /** Called first at every block-level step. */
  override space(src: string): Tokens.Space | undefined {
    this.#effort.spend(BLOCK_STEP);
    return super.space(src);
  }

  /** Called first at every step of a leaf. */
  override escape(src: string): Tokens.Escape | undefined {
    this.#effort.spend(src.length);
    if (this.#effort.isOver) return { type: 'escape', raw: src, text: src };
    return super.escape(src);
  }

  /** Block-level HTML is shown as a paragraph, so that Markdown beside its tags is read. */
  override html(src: string): Tokens.HTML | undefined {
    const token = super.html(src);
    if (token === undefined) return undefined;
    const text = token.text.trim().replace(BESIDE_DETAILS, '$1$2');
    return Object.assign(token, { tokens: this.lexer.inline(text) });
  }

  override emStrong(
    src: string,
    masked: string,
    before = '',
  ): Tokens.Em | Tokens.Strong | undefined {
    return super.emStrong(src, masked, src.startsWith('*') ? beforeRun(src, before) : before);
  }

  /** A single `~` strikes nothing out: it is a range, an approximation, or an index as in `H~2~O`. */
  override del(src: string, masked: string, before = ''): Tokens.Del | undefined {
    return src.startsWith('~~') ? super.del(src, masked, beforeRun(src, before)) : undefined;
  }

  override url(src: string): Tokens.Link | undefined {
    const found = super.url(src);
    const length = found === undefined ? 0 : urlLength(found.raw);
    return found === undefined || length === found.raw.length
      ? found
      : super.url(src.slice(0, length));
  }

  /** The text of a footnote is no part of a heading that is underlined. Looks no further than the heading. */
  override lheading(src: string): Tokens.Heading | undefined {
    const found = super.lheading(src);
    const note = found?.raw.search(NOTE_LINE) ?? -1;
    return note < 0 ? found : super.lheading(src.slice(0, note + 1));
  }

  override table(src: string): Tokens.Table | undefined {
    const head = TABLE_HEAD.exec(src)?.[1];
    if (head === undefined) return undefined;
    const columns = columnsOf(head);
    if (columns > TABLE_COLUMNS || columns * rowsOf(src) > TABLE_CELLS) return undefined;
    return super.table(src);
  }
}

/** Unformatted text, line by line, in pieces that a browser can lay out. */
function withText(tokens: Token[], source: string): Token[] {
  for (const line of source.split('\n')) {
    for (const { text } of plainBlocks(line)) tokens.push({ type: 'text', raw: text, text }, BREAK);
    if (line === '') tokens.push(BREAK);
  }
  tokens.pop();
  return tokens;
}

/** The number of columns of a table, by its first line. */
export const columnsOf = (head: string): number => (head.split('\n', 1)[0] ?? '').split('|').length;

/** Lines up to the next empty one, as far as they matter. */
function rowsOf(src: string): number {
  const end = src.search(/\n[ \t]*\n/);
  return (end < 0 ? src : src.slice(0, end)).split('\n', TABLE_CELLS + 1).length;
}

function hasLongRun(text: string): boolean {
  let blanks = 0;
  let others = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    blanks = unit === 0x20 ? blanks + 1 : 0;
    others = unit > 0x20 && unit < 0x7f ? others + 1 : 0;
    if (blanks >= RUN_CHARS || others >= RUN_CHARS) return true;
  }
  return false;
}
