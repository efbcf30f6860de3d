import type { Token } from 'marked';

/** Leaves of a growing text that were read before. Those that the last reading did not use are forgotten. */
export class Inlines {
  #before = new Map<string, Token[]>();
  #now = new Map<string, Token[]>();

  /** Begins another reading. */
  turn(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  get(source: string): Token[] | undefined {
    return this.#before.get(source);
  }

  put(source: string, tokens: Token[]): void {
    if (isLasting(source)) this.#now.set(source, tokens);
  }
}

/** What brackets and formulas mean depends on the rest of the text. */
const isLasting = (source: string): boolean => !/[[\uFDD0]/.test(source);
