import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { LIMITS } from '../contract/limits.js';
import { CommandError } from './command.js';

/** The terminal on which the password prompt appears. */
export interface Terminal {
  input: Readable & { isTTY?: boolean };
  output: Writable;
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Asks twice, because the input is invisible: the terminal does not echo until after the second prompt.
 * @throws CommandError if the two differ or the caller gives up
 */
async function askTwice({ input, output }: Terminal): Promise<string> {
  const lines = createInterface({ input, output: nowhere(), terminal: true, historySize: 0 });
  lines.once('SIGINT', () => lines.close());
  const typed = lines[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const { value, done } = await typed.next();
    output.write('\n');
    if (done) throw new CommandError('Cancelled.');
    return value;
  };
  try {
    const password = await ask('Password: ');
    if ((await ask('Again: ')) !== password) throw new CommandError('The passwords differ.');
    return password;
  } finally {
    lines.close();
  }
}

/** The first line of piped input. Reads no more than any password needs. */
async function readPiped(input: Readable): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('\n') || text.length > LIMITS.payloadBytes) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** The password is never an argument: everybody on the machine can see arguments. */
export const readPassword = (terminal: Terminal): Promise<string> =>
  terminal.input.isTTY ? askTwice(terminal) : readPiped(terminal.input);
