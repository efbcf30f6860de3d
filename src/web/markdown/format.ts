import { Marked, type Token } from 'marked';
import { lexBounded } from './bounded-lexer.js';

export interface Format {
  lex(text: string): Token[];
  /** HTML of one top-level token. */
  html(token: Token): string;
}

/** HTML that an answer may contain. All other tags are shown as text. */
const HARMLESS = /^<(\/?)(br|sub|sup|kbd|mark|u|b|i|em|strong|details|summary)\s*\/?>$/i;
/** Nesting of such tags. */
const HTML_DEPTH = 20;

export function createFormat(): Format {
  const nesting = new Nesting();
  const marked = new Marked({ gfm: true, breaks: true });
  marked.use({
    renderer: {
      html: ({ text }) => (nesting.allows(text.trim()) ? text : escapeHtml(text)),
      image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    },
  });
  return {
    lex: (text) => lexBounded(text, marked.defaults),
    html: (token) => {
      nesting.begin();
      return marked.parser([token]);
    },
  };
}

/** Counts open harmless tags, and those beyond the bound, whose end tags become text too. */
class Nesting {
  #open = 0;
  #refused = 0;

  begin(): void {
    this.#open = 0;
    this.#refused = 0;
  }

  allows(tag: string): boolean {
    const found = HARMLESS.exec(tag);
    if (found === null) return false;
    if (found[2]?.toLowerCase() === 'br') return true;
    return found[1] === '/' ? this.#closes() : this.#opens();
  }

  #opens(): boolean {
    if (this.#open >= HTML_DEPTH) this.#refused += 1;
    else this.#open += 1;
    return this.#refused === 0;
  }

  #closes(): boolean {
    if (this.#refused > 0) {
      this.#refused -= 1;
      return false;
    }
    this.#open = Math.max(0, this.#open - 1);
    return true;
  }
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
