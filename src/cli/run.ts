import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { ConfigError, readEnv } from '../config/config.js';
import { operator } from '../domain/rights/actor.js';
import { describeError } from '../entities/error-messages.js';
import { AppError } from '../entities/errors.js';
import { openOperations } from '../node/context.js';
import { type Command, CommandError, type Result } from './command.js';
import { COMMANDS, help } from './commands.js';
import { readPassword, type Terminal } from './read-password.js';

export interface CommandLine {
  /** Arguments without the program's own name. */
  args: string[];
  env: Record<string, string | undefined>;
  terminal: Terminal;
}

export interface Outcome {
  exitCode: number;
  /** Text for stdout. */
  output: string;
  /** Text for stderr. */
  problem: string;
}

interface Asked {
  command: Command;
  words: string[];
  options: Record<string, unknown>;
}

function parse([name = '', ...args]: string[]): Asked {
  const command = COMMANDS.get(name);
  if (!command) throw new CommandError(`There is no command "${name}".\n\n${help()}`, 2);
  const wrong = `Usage: ${name} ${command.usage}`;
  try {
    const options = { ...command.options, json: { type: 'boolean' as const } };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [least, most] = command.words;
    if (positionals.length < least || positionals.length > most) throw new Error(wrong);
    return { command, words: positionals, options: values };
  } catch (error) {
    const said = error instanceof Error && error.message !== wrong ? `${error.message}\n` : '';
    throw new CommandError(said + wrong, 2);
  }
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

async function execute({ command, words, options }: Asked, line: CommandLine): Promise<Result> {
  const config = readEnv(line.env);
  const operations = await openOperations(config);
  const call = { ...operations, config, actor: operator(operatorName()), words, options };
  try {
    return await command.run({ ...call, readPassword: () => readPassword(line.terminal) });
  } finally {
    await operations.close();
  }
}

/** The error in words, with the problem of each value. */
function describe(error: unknown): string {
  if (error instanceof AppError && error.code === 'conflict') {
    return 'At least one active user must keep the role admin.';
  }
  if (error instanceof AppError) {
    const details = error.details('en')?.map(({ path, message }) => `  ${path}: ${message}`) ?? [];
    return [describeError(error.code, 'en', error.reason), ...details].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

function refusal(error: unknown, json: boolean): Outcome {
  const isUsage =
    error instanceof ConfigError || (error instanceof CommandError && error.exitCode === 2);
  const code = error instanceof AppError ? error.code : isUsage ? 'usage' : 'failed';
  const message = describe(error);
  const problem = json ? JSON.stringify({ error: { code, message } }) : message;
  return { exitCode: isUsage ? 2 : 1, output: '', problem };
}

/** Runs one command. Exit codes: 0 done, 1 failed, 2 wrong usage. */
export async function runCommand(line: CommandLine): Promise<Outcome> {
  const [name] = line.args;
  if (name === undefined || name === 'help' || name === '--help') {
    return { exitCode: name === undefined ? 2 : 0, output: help(), problem: '' };
  }
  try {
    const asked = parse(line.args);
    const { data, text } = await execute(asked, line);
    return { exitCode: 0, output: asked.options.json ? JSON.stringify(data) : text, problem: '' };
  } catch (error) {
    return refusal(error, line.args.includes('--json'));
  }
}
