import { escapeHtml } from './escape-html.js';

/** HTML that an answer may contain. All other tags are shown as text. */
const HARMLESS = /^<(\/?)(br|sub|sup|kbd|mark|u|b|i|em|strong|details|summary)\s*\/?>$/i;
/** Nesting of such tags. */
const DEPTH = 20;

/** The harmless tags that are open. Every tag is closed in the part of the text in which it was opened. */
export class Nesting {
  readonly #open: string[] = [];
  #refused = 0;

  /** The HTML for a tag. Beyond the bound it is text, and so are as many end tags. */
  tag(text: string): string {
    const [found, slash, given = ''] = HARMLESS.exec(text) ?? [];
    const name = given.toLowerCase();
    if (found === undefined) return escapeHtml(text);
    if (name === 'br') return slash === '' ? '<br>' : '';
    return slash === '' ? this.#opens(name, text) : this.#closes(name, text);
  }

  /** The HTML of a part, with end tags for what it has left open. */
  within(part: () => string): string {
    const depth = this.#open.length;
    const refused = this.#refused;
    const html = part();
    this.#refused = refused;
    return html + this.#closeTo(depth);
  }

  #opens(name: string, text: string): string {
    if (this.#open.length >= DEPTH || this.#refused > 0) {
      this.#refused += 1;
      return escapeHtml(text);
    }
    this.#open.push(name);
    return `<${name}>`;
  }

  #closes(name: string, text: string): string {
    if (this.#refused > 0) {
      this.#refused -= 1;
      return escapeHtml(text);
    }
    const at = this.#open.lastIndexOf(name);
    return at < 0 ? '' : this.#closeTo(at);
  }

  #closeTo(depth: number): string {
    const ends = this.#open.splice(Math.min(depth, this.#open.length)).reverse();
    return ends.map((name) => `</${name}>`).join('');
  }
}
