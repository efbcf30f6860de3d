import type { Token } from 'marked';

/** The output for pieces of a growing text. Pieces that the last reading did not use are forgotten. */
export class Remembered<T> {
  #before = new Map<string, T>();
  #now = new Map<string, T>();

  /** Begins another reading. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  get(source: string): T | undefined {
    return this.#before.get(source);
  }

  put(source: string, made: T): void {
    if (isLasting(source)) this.#now.set(source, made);
  }
}

/** Leaves, by their text. */
export type Inlines = Remembered<Token[]>;

/** The meaning of brackets and formulas depends on the rest of the text. */
const isLasting = (source: string): boolean => !/[[\uFDD0]/.test(source);
