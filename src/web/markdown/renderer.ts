import type { RendererObject, Token, TokenizerAndRendererExtension, Tokens } from 'marked';
import { escapeHtml, escapeText } from './escape-html.js';
import { type Formula, formulaAt, indexOfFormula, unmask } from './formulas.js';
import { type Headings, nextHeading } from './headings.js';
import type { Nesting } from './nesting.js';
import { safeHref } from './safe-href.js';

/** The facts that the renderer knows about the text around a token. */
export interface Context {
  formulas: readonly Formula[];
  headings: Headings;
}

interface Inner {
  parseInline(tokens: Token[]): string;
}

/** HTML of tokens. Its attributes are only those written here. */
export function answerRenderer(context: Context, nesting: Nesting): RendererObject {
  const leaf = ({ parseInline }: Inner, tokens: Token[]) =>
    nesting.within(() => parseInline(tokens));
  const written = (text: string) => unmask(text, context.formulas);
  const link = (href: string, title: string | null | undefined, html: string) => {
    const safe = safeHref(written(href));
    if (safe === null) return html;
    const hint = title ? ` title="${escapeHtml(written(title))}"` : '';
    return `<a href="${escapeHtml(safe)}"${hint}>${html}</a>`;
  };
  return {
    html(token) {
      if ('tokens' in token) return this.parser.parseInline(token.tokens as Token[]);
      return nesting.tag(token.text.trim());
    },
    text(token) {
      const tokens = 'tokens' in token ? token.tokens : undefined;
      return tokens ? leaf(inner(this.parser), tokens) : escapeText(token.text);
    },
    paragraph({ tokens }) {
      return `<p>${leaf(inner(this.parser), tokens)}</p>\n`;
    },
    heading({ tokens, depth }) {
      context.headings = nextHeading(context.headings, depth);
      const level = context.headings.last;
      return `<h${level}>${leaf(inner(this.parser), tokens)}</h${level}>\n`;
    },
    blockquote({ tokens }) {
      return `<blockquote>\n${nesting.within(() => this.parser.parse(tokens))}</blockquote>\n`;
    },
    listitem({ tokens, task, checked }) {
      const open = task ? `<li data-task="${checked ? 'done' : 'open'}">` : '<li>';
      return `${open}${nesting.within(() => this.parser.parse(tokens))}</li>\n`;
    },
    tablecell({ tokens, header, align }) {
      const name = header ? 'th' : 'td';
      const open = align ? `<${name} align="${align}">` : `<${name}>`;
      return `${open}${leaf(inner(this.parser), tokens)}</${name}>\n`;
    },
    code({ text, lang }) {
      const language = languageOf(lang);
      const given = language === '' ? '' : ` data-language="${escapeHtml(language)}"`;
      return `<pre${given}><code>${escapeHtml(written(text))}</code></pre>\n`;
    },
    codespan: ({ text }) => `<code dir="ltr">${escapeHtml(written(text))}</code>`,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    link({ href, title, text, tokens, autolink }) {
      const shown = autolink ? escapeHtml(written(text)) : leaf(inner(this.parser), tokens);
      return link(href, title, shown);
    },
    image: ({ href, title, text }) => link(href, title, escapeText(written(text || href))),
  };
}

const inner = (parser: { parseInline(tokens: Token[]): unknown }): Inner => ({
  parseInline: (tokens) => String(parser.parseInline(tokens)),
});

export const languageOf = (lang: string | undefined): string => lang?.split(/\s/, 1)[0] ?? '';

/** Formulas stand in the text as placeholders. */
export const formulaExtension = (context: Context): TokenizerAndRendererExtension => ({
  name: 'formula',
  level: 'inline',
  start: (src) => {
    const at = indexOfFormula(src);
    return at < 0 ? undefined : at;
  },
  tokenizer(src) {
    const found = formulaAt(src, context.formulas);
    return found === null ? undefined : { type: 'formula', raw: found.raw, formula: found.formula };
  },
  renderer: ({ formula: { display, shown } }) =>
    `<span data-formula="${display ? 'display' : 'inline'}">${escapeHtml(shown)}</span>`,
});

const INDEX = /^([~^])(\d{1,4}[+-]?|[a-z]\d?|max|min|in|out)\1(?![~^])/;

/** Indices as in `H~2~O` and `10^3^`. Other single tildes and carets are text. */
export const indexExtension: TokenizerAndRendererExtension = {
  name: 'index',
  level: 'inline',
  start: (src) => {
    const at = src.search(/[A-Za-z)\]]~|[A-Za-z\d)\]]\^/);
    return at < 0 ? undefined : at + 1;
  },
  tokenizer(src, tokens) {
    const [raw, mark, text] = INDEX.exec(src) ?? [];
    if (raw === undefined) return undefined;
    const before = tokens.at(-1)?.raw.at(-1) ?? '';
    const follows = mark === '~' ? /[A-Za-z)\]]/.test(before) : /[A-Za-z\d)\]]/.test(before);
    return follows ? { type: 'index', raw, mark, text } : undefined;
  },
  renderer: ({ mark, text }) => (mark === '~' ? `<sub>${text}</sub>` : `<sup>${text}</sup>`),
};

/** An item or a row on its own, so that long lists and tables can be shown part by part. */
export const partExtensions: TokenizerAndRendererExtension[] = [
  {
    name: 'item',
    renderer({ item }) {
      return this.parser.renderer.listitem(item as Tokens.ListItem);
    },
  },
  {
    name: 'row',
    renderer({ cells }) {
      const { renderer } = this.parser;
      const html = (cells as Tokens.TableCell[]).map((cell) => renderer.tablecell(cell)).join('');
      return renderer.tablerow({ text: html });
    },
  },
];
