import type { Charge, CompletionClaim, QuotaUsage } from '../../model/entities.js';
import { type AppError, isUnavailable, notFound } from '../../model/errors.js';
import type { Tokenizer } from '../../ports/completion-provider.js';
import type { RawRequest } from '../../ports/raw-completions.js';
import type { Database, Repositories } from '../../ports/repositories.js';
import type { UsageRepository } from '../../ports/usage-repository.js';
import { maxTokensOf, promptIn } from '../answers/raw-text.js';
import { TokenBudget } from '../answers/token-budget.js';
import { estimated, roughTokens } from '../limits/estimate.js';
import { leftOf, quotaExceeded, requireQuota, reservationFor } from '../limits/quota.js';
import type { Logger } from '../logger.js';
import type { OwedCharges } from './owed-charges.js';

export interface AllowanceDeps {
  db: Pick<Database, 'usage'>;
  owed: Pick<OwedCharges, 'add'>;
  tokenizer: Tokenizer;
  logger: Logger;
  /** What an answer without a longest length reserves of its user's quota. */
  reserveTokens: number;
}

/** A reservation that its node could not end expires after this time, longer than most calls take. */
const RESERVED_MS = 900_000;

const isLimited = ({ day, month }: QuotaUsage): boolean =>
  day.limit !== null || month.limit !== null;

/** What one completion holds of its user's quota. It ends with `settle`, which counts what was used. */
export class Allowance {
  readonly #deps: AllowanceDeps;
  readonly #userId: number;
  readonly #request: RawRequest;
  readonly #quota: QuotaUsage;
  #usage: UsageRepository;
  readonly #ids: number[] = [];
  #tokens = 0;
  #isSettled = false;

  private constructor(
    deps: AllowanceDeps,
    userId: number,
    request: RawRequest,
    quota: QuotaUsage,
    usage: UsageRepository,
  ) {
    this.#deps = deps;
    this.#usage = usage;
    this.#userId = userId;
    this.#request = request;
    this.#quota = quota;
  }

  /** Reserves the estimate, within a transaction if `tx` is one. @throws AppError `quota_exceeded` */
  static async open(
    deps: AllowanceDeps,
    userId: number,
    request: RawRequest,
    tx: Pick<Repositories, 'usage'> = deps.db,
  ): Promise<Allowance> {
    const quota = await tx.usage.of(userId);
    if (!quota) throw notFound();
    requireQuota(quota);
    const allowance = new Allowance(deps, userId, request, quota, tx.usage);
    await allowance.#begin();
    allowance.#usage = deps.db.usage;
    return allowance;
  }

  /** That of a call which another node has begun. @throws AppError `not_found` if the user is gone */
  static async adopt(
    deps: AllowanceDeps,
    request: RawRequest,
    { userId, reservation, reserved }: CompletionClaim,
  ): Promise<Allowance> {
    const quota = await deps.db.usage.of(userId);
    if (!quota) throw notFound();
    const allowance = new Allowance(deps, userId, request, quota, deps.db.usage);
    allowance.#ids.push(reservation);
    allowance.#tokens = reserved;
    return allowance;
  }

  /** The id of the first reservation. */
  get reservation(): number {
    return this.#ids[0] ?? 0;
  }

  /**
   * Null: nothing limits the user. Otherwise the function takes what the model says, and `onSpent` is called when that
   * has passed the quota. A whole answer comes too late to be stopped.
   */
  async watch(onSpent: (reason: AppError) => void): Promise<((text: string) => void) | null> {
    const { tokenizer, logger } = this.#deps;
    if (!isLimited(this.#quota) || !this.#request.stream) return null;
    const { body } = this.#request;
    const { text, otherTokens } = promptIn(body);
    const budget = new TokenBudget({
      reserved: this.#tokens,
      count: (said) => tokenizer.count(said),
      reserveMore: (tokens) => this.#reserveMore(tokens),
      onSpent: () => onSpent(quotaExceeded(this.#quota)),
      onFailure: (err) => logger.warn({ err }, 'a completion could not reserve more'),
    });
    await budget.begin(tokenizer.count(text) + otherTokens, maxTokensOf(body));
    return (said) => budget.heard(said);
  }

  /** Counts the charge, once, if need be when Postgres is back. Never rejects: the call has ended in any case. */
  async settle(charge: Charge | null): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { logger, owed } = this.#deps;
    const [first = 0, ...others] = this.#ids.splice(0);
    try {
      await this.#usage.settle(first, this.#userId, charge);
      await this.#giveUp(others);
    } catch (err) {
      if (charge && isUnavailable(err))
        owed.add({ reservation: first, userId: this.#userId, charge });
      else logger.error({ err, userId: this.#userId, ...charge }, 'a completion was not counted');
    }
  }

  /** Gives up all but the first reservation, which others settle. Never rejects: they expire by themselves. */
  async release(): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const [, ...others] = this.#ids.splice(0);
    await this.#giveUp(others).catch((err: unknown) => {
      this.#deps.logger.warn({ err }, 'reservations of a completion are left to expire');
    });
  }

  async #giveUp(ids: readonly number[]): Promise<void> {
    for (const id of ids) await this.#usage.settle(id, this.#userId, null);
  }

  async #begin(): Promise<void> {
    const { reserveTokens } = this.#deps;
    const { body } = this.#request;
    const { text, otherTokens } = promptIn(body);
    const want = estimated(roughTokens(text) + otherTokens, maxTokensOf(body), reserveTokens);
    if (await this.#reserve(want.tokens)) return;
    const usage = await this.#usage.of(this.#userId);
    if (!usage) throw notFound();
    const pending = usage.reserved > 0 ? 1 : 0;
    const tokens = reservationFor({ usage, pending, want, reserveTokens });
    // Another call may have taken it since.
    if (!(await this.#reserve(tokens))) throw quotaExceeded(usage);
  }

  async #reserve(tokens: number): Promise<boolean> {
    const id = await this.#usage.reserve(this.#userId, tokens, RESERVED_MS);
    if (id === null) return false;
    if (this.#isSettled) {
      await this.#usage.settle(id, this.#userId, null);
      return false;
    }
    this.#ids.push(id);
    this.#tokens += tokens;
    return true;
  }

  /** Raises what is held to that many tokens, or as far as the quota allows. */
  async #reserveMore(tokens: number): Promise<number> {
    const more = tokens - this.#tokens;
    if (more <= 0 || this.#isSettled || (await this.#reserve(more))) return this.#tokens;
    const usage = await this.#usage.of(this.#userId);
    const left = usage ? Math.floor(Math.min(more, leftOf(usage))) : 0;
    if (left >= 1) await this.#reserve(left);
    return this.#tokens;
  }
}
