import { type Answer, callRest } from './rest.js';

interface Refusal {
  code: string;
  retry_after_ms?: number;
}

export interface Guess {
  email: string;
  password?: string;
  /** The client address that a trusted proxy reports. */
  from?: string;
}

/** One login, by default with a password that nobody has. */
export const guess = (url: string, { email, password = 'nobodys-own', from }: Guess) =>
  callRest<Refusal>(`${url}/auth/login`, {
    body: { email, password },
    headers: from === undefined ? {} : { 'x-forwarded-for': from },
  });

/** One after the other, on these nodes in turn. */
export async function guessInARow(
  urls: readonly string[],
  times: number,
  of: (n: number) => Guess,
): Promise<Answer<Refusal>[]> {
  const answers: Answer<Refusal>[] = [];
  for (let n = 0; n < times; n++) {
    answers.push(await guess(urls[n % urls.length] ?? '', of(n)));
  }
  return answers;
}

export const statuses = (answers: readonly Answer<unknown>[]) => answers.map((a) => a.status);
