import { ENV_TABLE, type VariableName } from './config-table.js';

export type Env = Record<string, string | undefined>;

/** What is wrong with the environment, all of it. Names variables and what is expected, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.problems = problems;
  }
}

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

/** Reads variables by their type, falls back to the table's defaults, and gathers problems. */
export class EnvReader {
  readonly #env: Env;
  readonly #problems: string[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  /** @throws ConfigError when anything was wrong. */
  finish<T>(config: T): T {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
    return config;
  }

  problem(name: VariableName, expected: string): void {
    this.#problems.push(`${name}: expected ${expected}`);
  }

  /** Empty and blank mean unset. */
  text(name: VariableName): string {
    const given = this.#env[name]?.trim();
    return given || (ENV_TABLE.find((variable) => variable.name === name)?.default ?? '');
  }

  /** Empty means empty. Unset, the default. */
  textOrEmpty(name: VariableName): string {
    return this.#env[name] === undefined ? this.text(name) : (this.#env[name]?.trim() ?? '');
  }

  optional(name: VariableName): string | null {
    return this.text(name) || null;
  }

  matching(name: VariableName, pattern: RegExp, expected: string): string | null {
    const text = this.optional(name);
    if (text !== null && !pattern.test(text)) this.problem(name, expected);
    return text;
  }

  number(name: VariableName, min: number, max: number): number {
    const text = this.text(name);
    const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) this.problem(name, `a number from ${min} to ${max}`);
    return value;
  }

  integer(name: VariableName, min: number, max: number): number {
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
    const value = BOOLEANS[text];
    if (value === undefined) this.problem(name, 'true or false');
    return value ?? fallback;
  }

  oneOf<const T extends string>(name: VariableName, values: readonly [T, ...T[]]): T {
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
    const origins = this.list(name).map((origin) => origin.toLowerCase().replace(/\/$/, ''));
    const isOrigin = (text: string) => /^[a-z][a-z0-9+.-]*:\/\/[^/?#*\s]+$/.test(text);
    if (!origins.every(isOrigin)) {
      this.problem(name, 'origins (scheme://host[:port], no path, no *), separated by commas');
    }
    return origins;
  }
}
