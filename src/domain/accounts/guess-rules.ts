import type { DelayRule } from '../../ports/failure-delays.js';
import { scaledBy } from '../limits/scaled.js';

/** Failures are counted per rule; see docs/security.md for the reasons. */
export interface GuessRules {
  /** One account from one address. */
  pair: DelayRule;
  /** One account from everywhere. The longest wait is short, because strangers can cause it. */
  account: DelayRule;
  /** All accounts from one address. */
  address: DelayRule;
  /** Checks of the current password within a session. */
  session: DelayRule;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const FORGET_MS = 60 * MINUTE_MS;

export function guessRules(scale: number): GuessRules {
  const rule = (name: string, free: number, mostMs: number): DelayRule => ({
    name,
    free: scaledBy(scale)(free),
    firstMs: 10 * SECOND_MS,
    mostMs,
    forgetMs: FORGET_MS,
  });
  return {
    pair: rule('pair', 5, 5 * MINUTE_MS),
    account: rule('account', 10, MINUTE_MS),
    address: rule('address', 50, MINUTE_MS),
    session: rule('session', 5, 5 * MINUTE_MS),
  };
}
