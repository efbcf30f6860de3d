import type { UsageReport, UserUsage } from '../contract/usage.js';
import type { UsageStanding } from '../model/entities.js';
import type { Page } from './account-repository.js';

/** Tokens by user and UTC day. `GenerationRepository.finish` adds an answer's tokens, in the same statement. */
export interface UsageRepository {
  /** Null: no such user. */
  of(userId: number): Promise<UsageStanding | null>;
  /** Adds tokens of today that belong to no answer. */
  add(userId: number, tokens: number): Promise<void>;
  /** Users with their usage, newest first. @throws AppError `validation_failed` for a foreign cursor */
  list(query: { limit: number; cursor?: string }): Promise<Page<UserUsage>>;
  /** The sums of all users. */
  totals(): Promise<{ [P in keyof UsageReport]: { tokens: number } }>;
}
