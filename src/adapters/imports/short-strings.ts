import { LIMITS } from '../../contract/limits.js';

/** Characters of one string that are kept: more than the longest text that is stored. */
const KEPT_CHARS = 4_100_000;
/**
 * Characters of a `data:` address that are kept. No question may be as long, so one that begins like such an address is
 * not cut.
 */
const KEPT_OF_FILE = LIMITS.messageChars + 1_000;
const FILE = /^data:[\w.+-]+\\?\/[\w.+-]+(?:;[\w.+=-]+)*;base64,/i;
/** What stands before the data of a `data:` address is never longer. */
const HEAD_CHARS = 160;
const STOP = /["\\]/g;

/**
 * Shortens the strings of a JSON text while it passes, so that its parser never holds a long one. The input may be cut
 * anywhere; the output is never cut within an escape.
 */
export class ShortStrings {
  #inString = false;
  /** The beginning of the current string. */
  #head = '';
  #kept = 0;
  /** An escape whose end has not come yet. */
  #rest = '';

  get inString(): boolean {
    return this.#inString;
  }

  pass(piece: string): string {
    const text = this.#rest + piece;
    this.#rest = '';
    const out: string[] = [];
    for (let at = 0; at < text.length; ) {
      at = this.#inString ? this.#within(text, at, out) : this.#outside(text, at, out);
    }
    return out.join('');
  }

  #outside(text: string, from: number, out: string[]): number {
    const quote = text.indexOf('"', from);
    const end = quote < 0 ? text.length : quote + 1;
    out.push(text.slice(from, end));
    this.#inString = quote >= 0;
    this.#head = '';
    this.#kept = 0;
    return end;
  }

  #within(text: string, from: number, out: string[]): number {
    STOP.lastIndex = from;
    const stop = STOP.exec(text)?.index ?? text.length;
    this.#keep(text.slice(from, stop), out);
    if (text[stop] !== '\\') {
      if (stop < text.length) out.push('"');
      this.#inString = stop === text.length;
      return stop + 1;
    }
    const end = stop + (text[stop + 1] === 'u' ? 6 : 2);
    if (end > text.length) this.#rest = text.slice(stop);
    else this.#keepWhole(text.slice(stop, end), out);
    return Math.min(end, text.length);
  }

  get #most(): number {
    return FILE.test(this.#head) ? KEPT_OF_FILE : KEPT_CHARS;
  }

  /** An escape stands for one character. */
  #keepWhole(unit: string, out: string[]): void {
    if (this.#kept >= this.#most) return;
    if (this.#head.length < HEAD_CHARS) this.#head += unit;
    out.push(unit);
    this.#kept += 1;
  }

  #keep(piece: string, out: string[]): void {
    if (this.#head.length < HEAD_CHARS) {
      this.#head += piece.slice(0, HEAD_CHARS - this.#head.length);
    }
    const room = this.#most - this.#kept;
    if (room <= 0) return;
    out.push(piece.length <= room ? piece : piece.slice(0, room));
    this.#kept += Math.min(piece.length, room);
  }
}
