import type { ParseArgsConfig } from 'node:util';
import type { Config } from '../config/config.js';
import type { Actor } from '../domain/accounts/actor.js';
import type { Operations } from '../domain/operations.js';

/** What a command has to work with. */
export interface Call extends Operations {
  config: Config;
  actor: Actor;
  words: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** From the terminal without echo, else from what is piped in. */
  readPassword(): Promise<string>;
}

/** `data` for `--json`, `text` for people. */
export interface Result {
  data: unknown;
  text: string;
}

export interface Command {
  /** What follows its name. */
  usage: string;
  does: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** How many words it takes at least and at most. */
  words: readonly [number, number];
  run(call: Call): Promise<Result>;
}

/** What the caller of a command is told; the exit code says whether it was asked for wrongly (2) or could not be done (1). */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
