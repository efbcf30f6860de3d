import { contentOf, endsInCode, FenceReader, isFence, type LineKind, lineEnd } from './fences.js';

/** A formula of TeX. `source` is the written text, `shown` the same without the marks of quotes around it. */
export interface Formula {
  source: string;
  shown: string;
  display: boolean;
}

export interface Scan {
  /** The text, with a placeholder of the same length for each formula. */
  masked: string;
  formulas: readonly Formula[];
  /** The start of a formula that more text may complete. */
  openAt: number | null;
  /** The last line before that is code. Known only of a growing text. */
  inCode: boolean;
}

/**
 * Placeholders begin with a character that texts cannot have (`displayable` removes it), and the number of the
 * formula. Markdown takes them for letters.
 */
const BEGIN = '\uFDD0';
const FILL = '\uFDD1';
const FIRST_NUMBER = 0xe000;
const PLACEHOLDER = /\uFDD0([\uE000-\uF8FF])\uFDD1*/g;
const ONE_PLACEHOLDER = /^\uFDD0([\uE000-\uF8FF])\uFDD1*/;

/** Formulas of one text. Further ones are text. */
const FORMULAS_MAX = 2_000;
const INLINE_CHARS = 1_000;
const DISPLAY_CHARS = 5_000;
/** A growing text waits for the end of a `$` formula only so long. */
const HELD_CHARS = 80;
/** Look-ups of ends that one text may cost. */
const EFFORT = 4_000_000;

const QUOTED = /^[ \t]*>/;

/**
 * Finds the formulas of a text that begins where a block does. While the text grows, a formula without an end is open,
 * and there are none in code. In a complete text, one without an end is none; those of one line are also found in code,
 * where the renderer shows them as they were written: `marked` knows better what is code.
 */
export function scanFormulas(text: string, done: boolean): Scan {
  if (/[$\\]/.test(text)) return new Scanner(text, done).scan();
  return { masked: text, formulas: [], openAt: null, inCode: !done && endsInCode(text) };
}

/** The formula whose placeholder `text` begins with, and the length of the placeholder. */
export function formulaAt(text: string, formulas: readonly Formula[]) {
  const found = ONE_PLACEHOLDER.exec(text);
  if (found === null) return null;
  const formula = formulas[numberOf(found[1])];
  return formula === undefined ? null : { formula, raw: found[0] };
}

export const indexOfFormula = (text: string): number => text.indexOf(BEGIN);

/** The text with its formulas as they were written. */
export const unmask = (text: string, formulas: readonly Formula[]): string =>
  text.includes(BEGIN)
    ? text.replace(PLACEHOLDER, (_, number: string) => formulas[numberOf(number)]?.source ?? '')
    : text;

const numberOf = (character = ''): number => character.charCodeAt(0) - FIRST_NUMBER;

class Scanner {
  readonly #text: string;
  readonly #complete: boolean;
  readonly #formulas: Formula[] = [];
  readonly #parts: string[] = [];
  readonly #fences = new FenceReader();
  #done = 0;
  #kind: LineKind = 'text';
  #openAt: number | null = null;
  #effort = EFFORT;

  constructor(text: string, complete: boolean) {
    this.#text = text;
    this.#complete = complete;
  }

  scan(): Scan {
    let at = 0;
    while (at < this.#text.length && this.#openAt === null) at = this.#line(at);
    if (this.#text.endsWith('\n') && this.#openAt === null) this.#kind = this.#fences.read('');
    this.#parts.push(this.#text.slice(this.#done));
    return {
      masked: this.#parts.join(''),
      formulas: this.#formulas,
      openAt: this.#openAt,
      inCode: this.#kind === 'code',
    };
  }

  /** Reads one line, or more where a formula spans lines. Returns the beginning of the next. */
  #line(from: number): number {
    let end = lineEnd(this.#text, from);
    this.#kind = this.#fences.read(this.#text.slice(from, end));
    if (this.#kind !== 'text' && !this.#complete) return end + 1;
    for (let at = from; at < end; ) {
      const next = this.#step(at, from, end);
      if (next > end) end = lineEnd(this.#text, next);
      at = next;
    }
    return end + 1;
  }

  /** Takes the formula at `at`. Returns the position after it. */
  #step(at: number, line: number, end: number): number {
    const text = this.#text;
    const character = text.charAt(at);
    if (character === '`') return this.#code(at, end);
    if (character === '\\') {
      const next = text.charAt(at + 1);
      if (next === '(') return this.#formula(at, line, end, '\\(', '\\)');
      if (next === '[') return this.#formula(at, line, end, '\\[', '\\]');
      return next === '\n' ? at + 1 : at + 2;
    }
    if (character !== '$') return at + 1;
    const run = runLength(text, at, '$');
    if (run === 2) return this.#formula(at, line, end, '$$', '$$');
    return run === 1 ? this.#dollar(at, line, end) : at + run;
  }

  #code(at: number, end: number): number {
    const run = runLength(this.#text, at, '`');
    for (let i = at + run; i < end; ) {
      const tick = this.#text.indexOf('`', i);
      if (tick < 0 || tick >= end) break;
      const closing = runLength(this.#text, tick, '`');
      if (closing === run) return tick + run;
      i = tick + closing;
    }
    return at + run;
  }

  /** A formula with delimiters that mean nothing else. */
  #formula(at: number, line: number, end: number, open: string, close: string): number {
    const text = this.#text;
    const from = at + open.length;
    const display = open !== '\\(';
    const alone =
      display && text.slice(line, end).trimEnd().endsWith(open) && isStart(text, line, at);
    const most = from + (display ? DISPLAY_CHARS : INLINE_CHARS);
    const limit = this.#kind === 'text' ? most : Math.min(most, end);
    const found = this.#find(from, limit, close, alone);
    if (found === 'open') {
      this.#openAt ??= at;
      return text.length;
    }
    if (found === 'none') return from;
    const tex = text.slice(from, found);
    const after = text.charAt(found + close.length);
    const isLink = open === '\\[' && (after === '(' || after === '[' || after === ':');
    if (tex.trim() === '' || isLink) return from;
    return this.#take(at, line, found + close.length, display);
  }

  /** Finds `close`; `open`: the text ends before it; `none`: something ends the search. */
  #find(from: number, limit: number, close: string, alone: boolean): number | 'open' | 'none' {
    const text = this.#text;
    for (let at = from; at < text.length; at += 1) {
      this.#effort -= 1;
      if (at > limit || this.#effort < 0) return 'none';
      if (text.startsWith(close, at)) return at;
      const character = text.charAt(at);
      if (character === '\\' && text.charAt(at + 1) !== '\n') at += 1;
      else if (character === '\n' && this.#endsAt(at + 1, alone)) return 'none';
    }
    return this.#complete ? 'none' : 'open';
  }

  /** A formula ends before a code fence, and before an empty line if it did not begin on a line of its own. */
  #endsAt(line: number, alone: boolean): boolean {
    const content = contentOf(this.#text.slice(line, lineEnd(this.#text, line)));
    if (isFence(content)) return true;
    return !alone && content === '' && line < this.#text.length;
  }

  /** `$…$`, unless the dollars are money or names of variables. */
  #dollar(at: number, line: number, end: number): number {
    const text = this.#text;
    const first = text.charAt(at + 1);
    if (first === '' || /[\s]/.test(first) || /[A-Za-z\d_]/.test(text.charAt(at - 1)))
      return this.#unless(at, end);
    for (let i = at + 1; i < Math.min(end, at + INLINE_CHARS); i += 1) {
      this.#effort -= 1;
      if (this.#effort < 0) return at + 1;
      const character = text.charAt(i);
      if (character === '\\') i += 1;
      else if (character === '`') return at + 1;
      else if (character === '$') {
        if (runLength(text, i, '$') > 1) return at + 1;
        return isFormula(text, at + 1, i) ? this.#take(at, line, i + 1, false) : at + 1;
      }
    }
    return this.#unless(at, end);
  }

  /** The end of the text may be the middle of a formula. */
  #unless(at: number, end: number): number {
    const text = this.#text;
    const short = !this.#complete && end === text.length && end - at <= HELD_CHARS;
    if (short && /^\$(?![\s\d])/.test(text.slice(at)) && !/[A-Za-z\d_]/.test(text.charAt(at - 1))) {
      this.#openAt ??= at;
    }
    return at + 1;
  }

  #take(at: number, line: number, end: number, display: boolean): number {
    if (this.#formulas.length >= FORMULAS_MAX) return end;
    const text = this.#text;
    const source = text.slice(at, end);
    const inQuote = QUOTED.test(text.slice(line, at));
    const shown = inQuote ? source.replace(/\n[ \t]*(?:>[ \t]?)+/g, '\n') : source;
    const number = String.fromCharCode(FIRST_NUMBER + this.#formulas.length);
    this.#formulas.push({ source, shown, display });
    this.#parts.push(text.slice(this.#done, at), BEGIN, number, FILL.repeat(end - at - 2));
    this.#done = end;
    return end;
  }
}

const isStart = (text: string, line: number, at: number): boolean =>
  contentOf(text.slice(line, at)) === '';

function runLength(text: string, at: number, character: string): number {
  let end = at;
  while (text.charAt(end) === character) end += 1;
  return end - at;
}

/** Signs that no price, no name of a variable and no path has. */
const TEX = /[\\^_{}=]/;
const FUNCTIONS = /^(?:sin|cos|tan|log|ln|exp|lim|min|max|mod|det|gcd)$/;

/** Whether the text between two dollars is a formula. */
function isFormula(text: string, from: number, to: number): boolean {
  const before = text.charAt(to - 1);
  const after = text.charAt(to + 1);
  if (/\s/.test(before) || /\d/.test(after)) return false;
  const tex = text.slice(from, to);
  const ordinal = /^(?:th|st|nd|rd|s)\b/.test(text.slice(to + 1, to + 4));
  if (/[A-Za-z_]/.test(after) && !ordinal && tex.length > 1 && !TEX.test(tex)) return false;
  return !/^[\d.,]/.test(tex) || !hasWords(tex);
}

/** A number before words is money: `$5 and 10$`, `$5 到 10$`. */
function hasWords(tex: string): boolean {
  const bare = tex.replace(/\\[A-Za-z]+|\{[^{}]*\}/g, ' ');
  if (/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(bare)) return true;
  return (bare.match(/[A-Za-z]{2,}/g) ?? []).some((word) => !FUNCTIONS.test(word));
}
