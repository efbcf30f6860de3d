import type { Said } from '../../../ports/completion-provider.js';

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Separates the reasoning that a server leaves in the text, as `<think>…</think>` at the very start. Text that may be
 * the beginning of a tag waits for the next piece.
 */
export class ThinkTags {
  readonly #onText: (text: string) => void;
  readonly #onReasoning: (text: string) => void;
  #state: 'start' | 'thinking' | 'closed' | 'text' = 'start';
  #waiting = '';
  #hasReasoning = false;

  constructor(onText: (text: string) => void, onReasoning: (text: string) => void) {
    this.#onText = onText;
    this.#onReasoning = onReasoning;
  }

  push(text: string): void {
    if (this.#state === 'text') this.#onText(text);
    else {
      this.#waiting += text;
      this.#work();
    }
  }

  /** The stream has ended: what waits is passed on as it is. */
  end(): void {
    const rest = this.#waiting;
    this.#waiting = '';
    if (rest === '') return;
    if (this.#state === 'thinking') this.#onReasoning(rest);
    else if (this.#state === 'start') this.#onText(rest);
  }

  #work(): void {
    if (this.#state === 'start') this.#begin();
    if (this.#state === 'thinking') this.#think();
    if (this.#state === 'closed') this.#answer();
  }

  #begin(): void {
    const text = this.#waiting.trimStart();
    if (text.startsWith(OPEN)) {
      this.#waiting = text.slice(OPEN.length);
      this.#state = 'thinking';
    } else if (!OPEN.startsWith(text)) this.#pass(this.#waiting);
  }

  #think(): void {
    if (!this.#hasReasoning) this.#waiting = this.#waiting.trimStart();
    const at = this.#waiting.indexOf(CLOSE);
    const known = at < 0 ? this.#waiting.length - partOfClose(this.#waiting) : at;
    const text = this.#waiting.slice(0, known);
    if (text !== '') {
      this.#hasReasoning = true;
      this.#onReasoning(text);
    }
    this.#waiting = this.#waiting.slice(at < 0 ? known : at + CLOSE.length);
    if (at >= 0) this.#state = 'closed';
  }

  /** The blank lines after the tag are not part of the answer. */
  #answer(): void {
    const text = this.#waiting.trimStart();
    this.#waiting = '';
    if (text !== '') this.#pass(text);
  }

  #pass(text: string): void {
    this.#state = 'text';
    this.#waiting = '';
    this.#onText(text);
  }
}

/**
 * Separates the reasoning in a model's text. `hasTags`: the model leaves it there. Call `end` when the answer has
 * ended.
 */
export function separated(said: Said, hasTags: boolean): Said & { end(): void } {
  if (!hasTags) return { ...said, end() {} };
  const tags = new ThinkTags(said.text, said.reasoning);
  return { text: (piece) => tags.push(piece), reasoning: said.reasoning, end: () => tags.end() };
}

/** How many characters at the end could be the beginning of the closing tag. */
function partOfClose(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(CLOSE.slice(0, length))) return length;
  }
  return 0;
}
