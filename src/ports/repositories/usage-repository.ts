import type {
  DayUsage,
  ModelUsage,
  UsagePeriod,
  UserSum,
  UserUsage,
} from '../../contract/usage.js';
import type { Charge, QuotaUsage } from '../../entities/entities.js';
import type { Page } from './account-repository.js';

/** Usage of a user in more detail; costs are null without a price, and if there are several currencies. */
export interface UsageDetails {
  costs: { day: number | null; month: number | null };
  /** The usage of this month, most tokens first; at most `LIMITS.usageModels`. */
  models: ModelUsage[];
  /** Days with usage among the last `LIMITS.usageDays`, oldest first. */
  days: DayUsage[];
}

/** A reservation of a call that runs. */
export interface HeldReservation {
  id: number;
  /** The charge that counts if nobody ends it; null: as before, at first nothing. */
  charge: Charge | null;
}

/**
 * Tokens by user and UTC day. `GenerationRepository.finish` adds those of an answer and ends its reservation, in the
 * same statement.
 */
export interface UsageRepository {
  /** Null: no such user. */
  of(userId: number): Promise<QuotaUsage | null>;
  /** The same with details, all of one moment. Null: no such user. */
  report(userId: number): Promise<{ quota: QuotaUsage; details: UsageDetails } | null>;
  /**
   * Reserves tokens for a request that belongs to no answer, for `ms` at most. Resolves to the reservation's id. Null:
   * they do not fit into the limits. Exact under competition: it locks the user.
   */
  reserve(userId: number, tokens: number, ms: number): Promise<number | null>;
  /**
   * Raises a reservation to `tokens`, as far as the user's limits allow; exact under competition. Resolves to what it
   * is now. Null: it is gone.
   */
  raise(reservation: number, userId: number, tokens: number): Promise<number | null>;
  /**
   * Renews reservations for `RESERVED_MS`, and notes the charges that count if nobody ends them. Resolves to those that
   * are still there.
   */
  keep(held: readonly HeldReservation[]): Promise<number[]>;
  /**
   * Ends that reservation and counts the usage; null: nothing. If it is gone, it was counted before, by an earlier call
   * whose reply was lost or by `countLost`.
   */
  settle(reservation: number, userId: number, charge: Charge | null): Promise<void>;
  /** Ends one expired reservation, and counts the charge that `keep` has noted. Null: there is none. */
  countLost(): Promise<{ userId: number; tokens: number; model: string } | null>;
  /** Deletes at most `rows` reservations that count nothing and expired a day ago. Returns their number. */
  prune(rows: number): Promise<number>;
  /** Users with their usage, newest first. @throws AppError `validation_failed` for a foreign cursor */
  list(query: { limit: number; cursor?: string }): Promise<Page<UserUsage>>;
  /** The users with most tokens in this month, at most `LIMITS.usersInSums`. */
  byUser(): Promise<UserSum[]>;
  /** Models of all users in this month, most tokens first; at most `LIMITS.usageModels`. */
  byModel(): Promise<ModelUsage[]>;
  /** The same for all users: days with usage among the last `LIMITS.usageDays`, oldest first. */
  byDay(): Promise<DayUsage[]>;
  /** The sums of all users. */
  totals(): Promise<{ [P in 'day' | 'month']: Pick<UsagePeriod, 'tokens'> }>;
}
