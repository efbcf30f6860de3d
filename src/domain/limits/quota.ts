import type { UsagePeriod } from '../../contract/usage.js';
import type { UsageStanding } from '../../model/entities.js';
import { AppError } from '../../model/errors.js';

const isUsedUp = ({ tokens, limit }: UsagePeriod): boolean => limit !== null && tokens >= limit;

/** What an answer will take is not known before: the last one may go beyond. @throws AppError `quota_exceeded` until the period turns */
export function requireQuota({ day, month, dayEndsInMs, monthEndsInMs }: UsageStanding): void {
  if (isUsedUp(month)) throw new AppError('quota_exceeded', { retryAfterMs: monthEndsInMs });
  if (isUsedUp(day)) throw new AppError('quota_exceeded', { retryAfterMs: dayEndsInMs });
}
