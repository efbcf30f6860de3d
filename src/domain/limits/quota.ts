import type { UsagePeriod } from '../../contract/usage.js';
import type { QuotaUsage } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import type { Estimate } from './estimate.js';

const isUsedUp = ({ tokens, limit }: UsagePeriod): boolean => limit !== null && tokens >= limit;

/** @throws AppError `quota_exceeded` until the period ends, if its quota is used up */
export function requireQuota({ day, month, dayEndsInMs, monthEndsInMs }: QuotaUsage): void {
  if (isUsedUp(month)) throw new AppError('quota_exceeded', { retryAfterMs: monthEndsInMs });
  if (isUsedUp(day)) throw new AppError('quota_exceeded', { retryAfterMs: dayEndsInMs });
}

/** The tokens that the quota leaves to new requests; Infinity without a limit. */
const leftOf = (usage: QuotaUsage): number =>
  Math.min(leftIn(usage.day, usage), leftIn(usage.month, usage));

const leftIn = ({ tokens, limit }: UsagePeriod, { reserved }: QuotaUsage): number =>
  limit === null ? Number.POSITIVE_INFINITY : limit - tokens - reserved;

export interface Asked {
  usage: QuotaUsage;
  /** Unfinished answers of the user. */
  pending: number;
  want: Estimate;
  /** A prompt up to this size may exceed what is left. */
  reserveTokens: number;
}

/**
 * The tokens that an answer reserves: its estimate. The only answer of a user may also begin with less, so that a quota
 * can be used to its end: it gets what is left, and is stopped there. Needs a transaction that has locked the user.
 * @throws AppError `quota_exceeded`
 */
export function reservationFor({ usage, pending, want, reserveTokens }: Asked): number {
  const left = leftOf(usage);
  if (want.tokens <= left) return want.tokens;
  const isPayable = want.prompt <= Math.max(left, reserveTokens);
  if (pending === 0 && left >= 1 && isPayable) return Math.floor(left);
  throw quotaExceeded(usage);
}

/** Names the time until the end of the period of which less is left. */
export function quotaExceeded(usage: QuotaUsage): AppError {
  const { day, month, dayEndsInMs, monthEndsInMs } = usage;
  const isMonths = leftIn(month, usage) <= leftIn(day, usage);
  return new AppError('quota_exceeded', { retryAfterMs: isMonths ? monthEndsInMs : dayEndsInMs });
}
