import type { HeldAnswer, Upstream } from './scripted-upstream.js';

const EVERY_MS = 30;

/** The model's next answer, which adds a word every 30 ms until the test ends it. */
export class SteadyModel {
  #held: HeldAnswer;
  #words: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #saidAt = performance.now();
  #longestPause = 0;

  constructor(upstream: Upstream) {
    this.#held = upstream.next();
    this.#timer = setInterval(() => this.#say(), EVERY_MS);
  }

  /** The number of words that the model had sent at the end of this text. */
  static countIn(text: string): number {
    return Number(/(\d+)号 $/.exec(text)?.[1] ?? 0);
  }

  get count() {
    return this.#words.length;
  }

  /** The text so far. */
  get text() {
    return this.#words.join('');
  }

  /** The last word. No two words are equal. */
  get word() {
    return this.#words.at(-1) ?? '';
  }

  /** The longest time between two words, in ms: a delay by the busy machine, not by the product. */
  get longestPause() {
    return this.#longestPause;
  }

  /** Resolves when the node has closed the response, or when it was ended. */
  get closed() {
    return this.#held.closed;
  }

  /** Ends the answer, and returns its whole text. */
  end(): string {
    this.stop();
    this.#held.finish();
    return this.text;
  }

  /** Falls silent. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #say(): void {
    const word = `${this.#words.length + 1}号 `;
    this.#words.push(word);
    const now = performance.now();
    this.#longestPause = Math.max(this.#longestPause, now - this.#saidAt);
    this.#saidAt = now;
    this.#held.write(word);
  }
}
