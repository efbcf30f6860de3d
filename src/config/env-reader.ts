import {
  type Choice,
  type ChoiceName,
  choicesOf,
  entryOf,
  type IntegerName,
  type NumberName,
  rangeOf,
  type VariableName,
} from './table.js';

export type Env = Record<string, string | undefined>;

/** All problems of the environment. Names variables and the expected form, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.problems = problems;
  }
}

/** `docker --env-file` and other programs keep quotes that a shell removes. */
const QUOTED = /^(["'`]).*\1$/s;

const BOOLEANS: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** Variables that may be set to an empty text, which means unset for all others. */
const MAY_BE_EMPTY: ReadonlySet<VariableName> = new Set(['SYSTEM_PROMPT']);

/** One spelling of a text that `isBoolean` accepts. */
export const toBoolean = (text: string): string => String(BOOLEANS[text.toLowerCase()] ?? text);

export const isBoolean = (text: string): boolean => Object.hasOwn(BOOLEANS, text.toLowerCase());

/** Reads variables by their type and the table's ranges, uses the table's defaults, and collects problems. */
export class EnvReader {
  readonly #env: Env;
  readonly #problems: string[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  /** @throws ConfigError if there was any problem */
  finish<T>(config: T): T {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
    return config;
  }

  problem(name: VariableName, expected: string): void {
    this.#wrong(name, `expected ${expected}`);
  }

  /** Empty and blank mean unset. */
  text(name: VariableName): string {
    const given = this.#env[name]?.trim() ?? '';
    const entry = entryOf(name);
    if (entry.type !== 'prose') this.#checkPlain(name, given);
    return given || entry.default;
  }

  /** The value in the environment; null: the default is in force. */
  given(name: VariableName): string | null {
    const text = this.#env[name]?.trim();
    return text === undefined || (text === '' && !MAY_BE_EMPTY.has(name)) ? null : text;
  }

  /** Reads a variable that a file names, not the table. Empty: unset. */
  other(name: string): string {
    return this.#env[name]?.trim() ?? '';
  }

  /** Reads a variable of `MAY_BE_EMPTY`: empty means empty. Unset, the default. */
  textOrEmpty(name: VariableName): string {
    return this.given(name) ?? this.text(name);
  }

  optional(name: VariableName): string | null {
    return this.text(name) || null;
  }

  matching(name: VariableName, pattern: RegExp, expected: string): string | null {
    const text = this.optional(name);
    if (text !== null && !pattern.test(text)) this.problem(name, expected);
    return text;
  }

  /** The result of `parse`; null if it is unset or `parse` throws a problem. */
  parsed<T>(name: VariableName, parse: (text: string) => T): T | null {
    const text = this.text(name);
    if (text === '') return null;
    try {
      return parse(text);
    } catch (error) {
      this.#wrong(name, error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  /** The text itself, if `parse` accepts it. */
  readable(name: VariableName, parse: (text: string) => unknown): string | null {
    return this.parsed(name, (text) => {
      parse(text);
      return text;
    });
  }

  number(name: NumberName): number {
    const { min, max } = rangeOf(name);
    const text = this.text(name);
    const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) this.problem(name, `a number from ${min} to ${max}`);
    return value;
  }

  integer(name: IntegerName): number {
    const { min, max } = rangeOf(name);
    const text = this.text(name);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) this.problem(name, `an integer from ${min} to ${max}`);
    return value;
  }

  /** Null when unset. */
  unless<T>(name: VariableName, read: () => T): T | null {
    return this.text(name) === '' ? null : read();
  }

  boolean(name: VariableName, fallback: boolean): boolean {
    const text = this.text(name).toLowerCase();
    if (text === '') return fallback;
    const value = isBoolean(text) ? BOOLEANS[text] : undefined;
    if (value === undefined) this.problem(name, 'true or false');
    return value ?? fallback;
  }

  oneOf<N extends ChoiceName>(name: N): Choice<N> {
    const values = choicesOf(name);
    const text = this.text(name);
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) this.problem(name, values.join(' | '));
    return value ?? values[0];
  }

  list(name: VariableName): string[] {
    const parts = this.text(name).split(',');
    return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
  }

  origins(name: VariableName): string[] {
    const origins = this.list(name).map(originOf);
    if (origins.includes(null)) {
      this.problem(name, 'origins (scheme://host[:port], no path, no *), separated by commas');
    }
    return [...new Set(origins.filter((origin) => origin !== null))];
  }

  #checkPlain(name: VariableName, text: string): void {
    if (/\p{Cc}/u.test(text)) this.problem(name, 'one line without control characters');
    else if (QUOTED.test(text)) this.problem(name, 'a value without quotes around it');
  }

  /** Reports a problem once, however often the variable is read. */
  #wrong(name: VariableName, problem: string): void {
    const line = `${name}: ${problem}`;
    if (!this.#problems.includes(line)) this.#problems.push(line);
  }
}

/** The origin as browsers send it: lowercase, without the scheme's default port. Null: not an origin. */
function originOf(text: string): string | null {
  const origin = text.toLowerCase().replace(/\/$/, '');
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#*@\\\s]+$/.test(origin) || !URL.canParse(origin)) return null;
  if (/^(wss?|ftp|file|blob|data):/.test(origin)) return null;
  return /^https?:/.test(origin) ? new URL(origin).origin : origin;
}
