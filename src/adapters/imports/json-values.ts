import { Tokenizer, TokenType } from '@streamparser/json';
import { FileProblem, type FoundValue } from '../../ports/import-files.js';
import { ShortStrings } from './short-strings.js';

/** The memory that one conversation may cost; about a byte each. */
const MOST_COST = 32 * 1_048_576;
/** The memory that a value takes by itself. */
const COST_OF_VALUE = 48;
/** A nested file has two levels for each answer. */
const MOST_LEVELS = 100_000;
/** Characters that may come without a token: a long number, or blanks. */
const MOST_SILENT_CHARS = 1_048_576;

const LIST_KEY = 'conversations';

type Container = Record<string, unknown> | unknown[];

interface Level {
  value: Container;
  key: string;
  /** The token that may come next. */
  next: 'first' | 'value' | 'colon' | 'comma' | 'key';
}

/**
 * Finds the values of a JSON text while it arrives: the entries of a list, those of `conversations` in an object, or
 * the object itself. It holds only the current value and what stands around the list, both within bounds. Of an entry
 * beyond them it keeps only the title.
 */
export class JsonValues {
  #strings = new ShortStrings();
  #tokenizer = new Tokenizer();
  #decoder = new TextDecoder();
  #levels: Level[] = [];
  #found: FoundValue[] = [];
  #cost = 0;
  #tooLarge = false;
  /** Cost of what stands around the list of entries. */
  #outside = 0;
  #silent = 0;
  /** How deep the list of entries is; 0: there is none. */
  #entries = 0;
  #hadList = false;
  #isOver = false;

  constructor() {
    this.#tokenizer.onToken = ({ token, value }) => this.#take(token, value);
    this.#tokenizer.onError = (error) => {
      throw malformed(error);
    };
    this.#tokenizer.onEnd = () => {};
  }

  /** The values that end in this piece. @throws FileProblem `malformed_json` */
  write(bytes: Uint8Array): FoundValue[] {
    this.#feed(this.#decoder.decode(bytes, { stream: true }));
    return this.#found.splice(0);
  }

  /** @throws FileProblem `malformed_json` if the text breaks off */
  end(): FoundValue[] {
    this.#feed(this.#decoder.decode());
    this.#tokenizer.end();
    if (!this.#isOver) throw malformed();
    return this.#found.splice(0);
  }

  #feed(text: string): void {
    if (this.#isOver && text.trim() !== '') throw malformed();
    if (this.#isOver) return;
    const short = this.#strings.pass(text);
    this.#silent += this.#strings.inString ? 0 : short.length;
    if (this.#silent > MOST_SILENT_CHARS && short.trim() !== '') throw malformed();
    if (short !== '') this.#tokenizer.write(short);
  }

  get #top(): Level | undefined {
    return this.#levels.at(-1);
  }

  #take(token: TokenType, value: unknown): void {
    this.#silent = 0;
    if (this.#isOver) throw malformed();
    const top = this.#top;
    if (token === TokenType.COMMA) this.#expect(top, 'comma', isList(top) ? 'value' : 'key');
    else if (token === TokenType.COLON) this.#expect(top, 'colon', 'value');
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) {
      this.#close(top, token === TokenType.RIGHT_BRACKET);
    } else if (token === TokenType.STRING && !isList(top) && isKeyDue(top)) this.#key(top, value);
    else this.#value(top, token, value);
  }

  #expect(top: Level | undefined, due: Level['next'], then: Level['next']): void {
    if (top?.next !== due) throw malformed();
    top.next = then;
  }

  #key(top: Level, value: unknown): void {
    top.key = String(value);
    top.next = 'colon';
    this.#charge(top.key.length);
  }

  #value(top: Level | undefined, token: TokenType, value: unknown): void {
    const isDue =
      top === undefined || top.next === 'value' || (isList(top) && top.next === 'first');
    if (!isDue) throw malformed();
    if (top) top.next = 'comma';
    if (token === TokenType.LEFT_BRACE) this.#open({});
    else if (token === TokenType.LEFT_BRACKET) this.#open([]);
    else this.#settle(top, value);
  }

  #open(value: Container): void {
    if (this.#levels.length >= MOST_LEVELS) throw malformed();
    this.#charge(COST_OF_VALUE);
    const [root] = this.#levels;
    this.#levels.push({ value, key: '', next: 'first' });
    const depth = this.#levels.length;
    const isOfRoot = depth === 2 && !isList(root) && root?.key === LIST_KEY;
    if (Array.isArray(value) && (depth === 1 || isOfRoot)) this.#beginList(depth);
  }

  #beginList(depth: number): void {
    this.#entries = depth;
    this.#hadList = true;
    this.#outside = this.#cost;
    this.#begin();
  }

  #close(top: Level | undefined, isListEnd: boolean): void {
    const isDue = top?.next === 'comma' || top?.next === 'first';
    if (!top || !isDue || isList(top) !== isListEnd) throw malformed();
    const wasEntries = this.#levels.length === this.#entries;
    this.#levels.pop();
    if (wasEntries) this.#entries = 0;
    if (this.#levels.length === 0) this.#finish(top.value);
    else if (wasEntries) this.#begin(this.#outside);
    else this.#settle(this.#top, top.value);
  }

  /** A value is complete: it is an entry, or a part of one. */
  #settle(top: Level | undefined, value: unknown): void {
    const depth = this.#levels.length;
    if (!top) this.#finish(value);
    else if (depth === this.#entries) this.#emit(value);
    else this.#attach(top, value, depth === this.#entries + 1);
  }

  #attach(top: Level, value: unknown, isOfEntry: boolean): void {
    this.#charge(COST_OF_VALUE + (typeof value === 'string' ? value.length : 0));
    // Beyond the bound, only the title of the entry is kept.
    if (this.#tooLarge && !(isOfEntry && top.key === 'title' && typeof value === 'string')) return;
    if (Array.isArray(top.value)) top.value.push(value);
    else if (top.key !== '__proto__') top.value[top.key] = value;
  }

  #charge(cost: number): void {
    this.#cost += cost;
    this.#tooLarge ||= this.#cost > MOST_COST;
  }

  #begin(cost = 0): void {
    this.#cost = cost;
    this.#tooLarge = cost > MOST_COST;
  }

  #emit(value: unknown): void {
    const [root] = this.#levels;
    const head = root && !Array.isArray(root.value) ? root.value : {};
    this.#found.push(found(value, head, this.#tooLarge));
    this.#begin();
  }

  /** The text itself is the only entry, unless it had a list of them. */
  #finish(value: unknown): void {
    this.#isOver = true;
    if (!this.#hadList) this.#found.push(found(value, {}, this.#tooLarge));
  }
}

const isList = (level: Level | undefined): boolean => Array.isArray(level?.value);

const isKeyDue = (level: Level | undefined): level is Level =>
  level?.next === 'first' || level?.next === 'key';

const malformed = (cause?: unknown): FileProblem => new FileProblem('malformed_json', cause);

function found(value: unknown, head: Record<string, unknown>, isTooLarge: boolean): FoundValue {
  if (!isTooLarge) return { value, head, problem: null, title: '' };
  const title: unknown = Object(value).title;
  return {
    value: null,
    head,
    problem: 'too_large',
    title: typeof title === 'string' ? title : '',
  };
}
