import type { UsagePeriod } from '../../contract/usage.js';
import type { UsageStanding } from '../../model/entities.js';
import { AppError } from '../../model/errors.js';

const isUsedUp = ({ tokens, limit }: UsagePeriod): boolean => limit !== null && tokens >= limit;

/**
 * The cost of an answer is not known in advance, so the last one may exceed the quota. @throws AppError
 * `quota_exceeded` until the period ends
 */
export function requireQuota({ day, month, dayEndsInMs, monthEndsInMs }: UsageStanding): void {
  if (isUsedUp(month)) throw new AppError('quota_exceeded', { retryAfterMs: monthEndsInMs });
  if (isUsedUp(day)) throw new AppError('quota_exceeded', { retryAfterMs: dayEndsInMs });
}
