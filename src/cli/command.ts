import type { ParseArgsConfig } from 'node:util';
import type { Config } from '../config/config.js';
import type { Operations } from '../domain/operations.js';
import type { Actor } from '../domain/rights/actor.js';

/** The services that a command can use. */
export interface Call extends Operations {
  config: Config;
  actor: Actor;
  words: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** Reads from the terminal without echo, or from piped input. */
  readPassword(): Promise<string>;
}

/** `data` for `--json`, `text` for people. */
export interface Result {
  data: unknown;
  text: string;
}

export interface Command {
  /** The arguments after the command's name. */
  usage: string;
  does: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** Minimum and maximum number of arguments. */
  words: readonly [number, number];
  run(call: Call): Promise<Result>;
}

/** An error for the caller of a command. The exit code distinguishes wrong usage (2) from failure (1). */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
