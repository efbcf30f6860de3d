import { createHash } from 'node:crypto';
import type { Outcome } from '../../../entities/entities.js';
import { AppError } from '../../../entities/errors.js';
import type { Logger } from '../../logger.js';
import { retryWhileUnavailable } from '../../retry.js';
import { HandedBack } from '../abort-reasons.js';

export type Finished = 'finished' | 'told' | 'already' | 'fenced';

export interface EndOptions {
  finish(outcome: Outcome): Promise<Finished>;
  logger: Logger;
  /** An answer waits for a store that is away until this aborts. Then its reason is thrown. */
  signal: AbortSignal;
}

const NOTHING = createHash('sha256').digest('hex');

/** The end as it is, then without the model's details, then without its text. */
function lesser(outcome: Outcome): Outcome[] {
  const error = { code: 'internal' as const, message: 'The answer could not be stored.' };
  const broken = { ...outcome, finishReason: null, usage: null, error };
  const kept: Outcome = { ...broken, status: 'interrupted' };
  const none = { content: '', sha256: NOTHING, reasoning: null, reasoningMs: null, vendor: null };
  const empty: Outcome = { ...broken, ...none, status: 'failed' };
  return outcome.content === '' ? [outcome, empty] : [outcome, kept, empty];
}

/**
 * Stores the end of an answer, and resolves to what was stored. The store may refuse an end permanently: it cannot
 * hold a value, or somebody added a rule. Then less of the end is stored.
 * @throws the error of the store if it accepts no end at all
 */
export async function storeEnd(
  outcome: Outcome,
  { finish, logger, signal }: EndOptions,
): Promise<{ finished: Finished; stored: Outcome }> {
  let refusal: unknown;
  for (const stored of lesser(outcome)) {
    try {
      const finished = await retryWhileUnavailable(() => finish(stored), logger, signal);
      return { finished, stored };
    } catch (error) {
      if (error instanceof AppError || error instanceof HandedBack) throw error;
      refusal = error;
      logger.error({ err: error, status: stored.status }, 'end of an answer refused by the store');
    }
  }
  throw refusal;
}
