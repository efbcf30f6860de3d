import type { HeldAnswer, Upstream } from './scripted-upstream.js';

const EVERY_MS = 30;

/** The model's next answer, which says another word every 30 ms until the test ends it. */
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

  /** How many words it had said at the end of this text. */
  static countIn(text: string): number {
    return Number(/(\d+)号 $/.exec(text)?.[1] ?? 0);
  }

  get count() {
    return this.#words.length;
  }

  /** What it said so far. */
  get text() {
    return this.#words.join('');
  }

  /** The word that it said last; no other is like it. */
  get word() {
    return this.#words.at(-1) ?? '';
  }

  /** Between two words, in ms: what a busy machine, not the product, makes readers wait. */
  get longestPause() {
    return this.#longestPause;
  }

  /** Resolves when the node has let go of it, or it was ended. */
  get closed() {
    return this.#held.closed;
  }

  /** Comes to its end, and returns all that it said. */
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
