import { BEGINNING } from '../../../contract/events.js';
import type { LiveLog, LogKey } from '../../../ports/live-log.js';
import { LeaseLost } from '../abort-reasons.js';
import type { AnswerLog } from '../answer-log.js';
import type { HeldClaim } from './held-claim.js';

export interface Marking<C> {
  log: Pick<LiveLog, 'read'>;
  key: LogKey;
  answer: Pick<AnswerLog, 'begin' | 'renumber'>;
  held: HeldClaim<C>;
  /** Gives the claim an attempt above `above`. Null: it is no longer held. */
  raise(claim: C, above: number): Promise<C | null>;
}

/**
 * Marks the attempt of a claim in the log. If the log already has this attempt or a higher one, Postgres decides: its
 * data may have gone back and lost a claim.
 * @throws LeaseLost if the claim is no longer held
 */
export async function markAttempt<C extends { attempt: number; claimId: string }>(
  marking: Marking<C>,
): Promise<void> {
  const { log, key, answer, held, raise } = marking;
  try {
    await answer.begin();
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    const found = await log.read(key, BEGINNING);
    if (!(await held.raise(() => raise(held.current, found?.attempt ?? 0)))) throw error;
    answer.renumber(held.current);
    await markAttempt(marking);
  }
}
