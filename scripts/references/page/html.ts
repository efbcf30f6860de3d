const SPECIAL: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Markup that is complete. Texts become part of it only through `html`. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Part = Html | string | number | null | false | undefined | readonly Html[];

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => SPECIAL[letter] ?? letter);

function written(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return String(part);
  if (typeof part === 'object') return part.join('');
  return escaped(String(part));
}

/** A template whose parts are markup, or texts that are escaped. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  new Html(strings.reduce((all, text, at) => all + text + written(parts[at]), ''));

/** Text with code between backticks. */
export const words = (text: string): Html =>
  new Html(escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>'));
