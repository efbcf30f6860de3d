import { StartProblem } from '../entities/errors.js';

const REMEDIES: Record<string, (port: number, variable: string) => string> = {
  EADDRINUSE: (port, variable) =>
    `Port ${port} is in use: stop the program that uses it, or set ${variable} to another one.`,
  EACCES: (port, variable) => `No right to use port ${port}: set ${variable} to one above 1023.`,
};

/** One sentence, because an operator can mend this. */
export function explainListen(error: NodeJS.ErrnoException, port: number, variable: string): Error {
  const remedy = REMEDIES[error.code ?? ''];
  return remedy ? new StartProblem(remedy(port, variable), { cause: error }) : error;
}
