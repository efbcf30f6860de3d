import { Hooks, Marked, type Token, type Tokens, type TokensList } from 'marked';
import { lexBounded } from './bounded-lexer.js';
import { withLetters } from './cjk.js';
import { escapeHtml } from './escape-html.js';
import { footnotes, type Notes } from './footnotes.js';
import { type Formula, unmask } from './formulas.js';
import { type Headings, NO_HEADINGS } from './headings.js';
import { type Inlines, Remembered } from './inlines.js';
import { Nesting } from './nesting.js';
import { answerRenderer, formulaExtension, indexExtension, partExtensions } from './renderer.js';

/** The facts that a text needs of the texts around it. */
export interface Surroundings {
  links: TokensList['links'];
  /** Gets those that the text defines. */
  notes: Notes;
  formulas: readonly Formula[];
  done: boolean;
}

export type Part = Tokens.ListItem | Tokens.TableCell[];

export interface Format {
  lex(text: string, around: Surroundings): TokensList;
  /** Headings continue from one call to the next. */
  headings: Headings;
  /** HTML of top-level tokens that belong together. */
  html(tokens: Token[]): string;
  /** HTML of an item of a list, or of a row of a table. */
  part(part: Part): string;
}

const PLACEHOLDER_PARTS = /[\uFDD0\uFDD1]/g;

/** Turns Markdown into HTML. */
export function createFormat(): Format {
  const nesting = new Nesting();
  const inlines: Inlines = new Remembered();
  const parts = new Remembered<string>();
  const none: Surroundings = { links: {}, notes: new Map(), formulas: [], done: true };
  const current = { ...none, headings: NO_HEADINGS };
  const marked = new Marked({ gfm: true, breaks: true });
  marked.use({
    renderer: answerRenderer(current, nesting),
    extensions: [
      formulaExtension(current),
      indexExtension,
      ...footnotes(current),
      ...partExtensions,
    ],
  });
  const options = {
    ...marked.defaults,
    hooks: Object.assign(new Hooks(), { emStrongMask: withLetters }),
  };
  const written = (text: string) => unmask(text, current.formulas);
  const render = (tokens: Token[]) =>
    withoutPlaceholders(
      nesting.within(() => marked.parser(tokens)),
      current.formulas,
    );
  return {
    get headings() {
      return current.headings;
    },
    set headings(headings) {
      current.headings = headings;
    },
    lex(text, around) {
      Object.assign(current, around);
      inlines.begin();
      parts.begin();
      return lexBounded(text, { marked: options, links: around.links, inlines, written });
    },
    html: render,
    part(part) {
      const key = keyOf(part);
      if (key === null) return render([asToken(part)]);
      const html = parts.get(key) ?? render([asToken(part)]);
      parts.put(key, html);
      return html;
    },
  };
}

/** The input of its HTML, if that is little: one line, without a heading. */
function keyOf(part: Part): string | null {
  if (Array.isArray(part))
    return part.map(({ text, align, header }) => `${align} ${header} ${text}`).join('\n');
  const { raw, task, checked, loose } = part;
  return /\n.|#/.test(raw) ? null : `${task} ${checked} ${loose} ${raw}`;
}

const asToken = (part: Part): Token =>
  Array.isArray(part)
    ? { type: 'row', raw: '', cells: part }
    : { type: 'item', raw: '', item: part };

/** Formulas in unusual positions, as in code and addresses, are shown as they were written. */
function withoutPlaceholders(html: string, formulas: readonly Formula[]): string {
  if (!html.includes('\uFDD0') && !html.includes('\uFDD1')) return html;
  const escaped = formulas.map((formula) => ({ ...formula, source: escapeHtml(formula.source) }));
  return unmask(html, escaped).replace(PLACEHOLDER_PARTS, '');
}
