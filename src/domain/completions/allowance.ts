import type { Charge, CompletionClaim, QuotaUsage } from '../../entities/entities.js';
import { type AppError, notFound } from '../../entities/errors.js';
import { RESERVED_MS } from '../../entities/reservation.js';
import type { RawRequest } from '../../ports/raw-completions.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import type { UsageRepository } from '../../ports/repositories/usage-repository.js';
import type { Tokenizer } from '../../ports/tokenizer.js';
import { maxTokensOf, promptIn } from '../answers/model/raw-text.js';
import { TokenBudget } from '../answers/running/token-budget.js';
import { type Estimate, estimated, roughTokens } from '../limits/estimate.js';
import type { OwedCharges } from '../limits/owed-charges.js';
import { quotaExceeded, requireQuota, reservationFor } from '../limits/quota.js';
import type { Logger } from '../logger.js';

export interface AllowanceDeps {
  db: Pick<Database, 'usage'>;
  owed: Pick<OwedCharges, 'settle'>;
  tokenizer: Tokenizer;
  logger: Logger;
  /** The tokens that an answer without a longest length reserves of its user's quota. */
  reserveTokens: number;
}

const isLimited = ({ day, month }: QuotaUsage): boolean =>
  day.limit !== null || month.limit !== null;

/**
 * The part of its user's quota that one completion holds. `settle`, or the end of its row, ends it and counts the
 * usage.
 */
export class Allowance {
  readonly #deps: AllowanceDeps;
  readonly #userId: number;
  readonly #request: RawRequest;
  readonly #quota: QuotaUsage;
  /** The id of what it holds. */
  readonly reservation: number;
  #estimate: Estimate;
  #isSettled = false;

  private constructor(
    deps: AllowanceDeps,
    { userId, request, quota }: { userId: number; request: RawRequest; quota: QuotaUsage },
    reservation: number,
    estimate: Estimate,
  ) {
    this.#deps = deps;
    this.#userId = userId;
    this.#request = request;
    this.#quota = quota;
    this.reservation = reservation;
    this.#estimate = estimate;
  }

  /** Reserves the estimate, within a transaction if `tx` is one. @throws AppError `quota_exceeded` */
  static async open(
    deps: AllowanceDeps,
    userId: number,
    request: RawRequest,
    { usage }: Pick<Repositories, 'usage'> = deps.db,
  ): Promise<Allowance> {
    const quota = await usage.of(userId);
    if (!quota) throw notFound();
    requireQuota(quota);
    const want = wanted(request, deps.reserveTokens);
    const { reservation, tokens } = await begin(usage, userId, want, deps.reserveTokens);
    const estimate = { prompt: want.prompt, tokens };
    return new Allowance(deps, { userId, request, quota }, reservation, estimate);
  }

  /** The reservation of a call that another node has begun. @throws AppError `not_found` if the user is gone */
  static async adopt(
    deps: AllowanceDeps,
    request: RawRequest,
    { userId, reservation, reserved: tokens }: CompletionClaim,
  ): Promise<Allowance> {
    const quota = await deps.db.usage.of(userId);
    if (!quota) throw notFound();
    const estimate = { ...wanted(request, deps.reserveTokens), tokens };
    return new Allowance(deps, { userId, request, quota }, reservation, estimate);
  }

  /** The tokens that it holds, and those of the prompt among them. */
  get estimate(): Estimate {
    return this.#estimate;
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
      reserved: this.#estimate.tokens,
      count: (said) => tokenizer.count(said),
      reserveMore: (tokens) => this.#raise(tokens),
      onSpent: () => onSpent(quotaExceeded(this.#quota)),
      onFailure: (err) => logger.warn({ err }, 'a completion could not reserve more'),
    });
    await budget.begin(tokenizer.count(text) + otherTokens, maxTokensOf(body));
    return (said) => budget.heard(said);
  }

  /** Counts the charge, once, if need be when Postgres is back. Never rejects. */
  async settle(charge: Charge | null): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { reservation } = this;
    await this.#deps.owed.settle({ reservation, userId: this.#userId, charge });
  }

  /** Raises the reservation to that many tokens, or as far as the quota allows. Resolves to what is held. */
  async #raise(tokens: number): Promise<number> {
    const raised = await this.#deps.db.usage.raise(this.reservation, this.#userId, tokens);
    if (raised !== null) this.#estimate = { ...this.#estimate, tokens: raised };
    return this.#estimate.tokens;
  }
}

function wanted({ body }: RawRequest, reserveTokens: number): Estimate {
  const { text, otherTokens } = promptIn(body);
  return estimated(roughTokens(text) + otherTokens, maxTokensOf(body), reserveTokens);
}

/** The estimate, or what is left if the user has nothing else under way. @throws AppError `quota_exceeded` */
async function begin(
  repository: UsageRepository,
  userId: number,
  want: Estimate,
  reserveTokens: number,
): Promise<{ reservation: number; tokens: number }> {
  const whole = await repository.reserve(userId, want.tokens, RESERVED_MS);
  if (whole !== null) return { reservation: whole, tokens: want.tokens };
  const usage = await repository.of(userId);
  if (!usage) throw notFound();
  const pending = usage.reserved > 0 ? 1 : 0;
  const tokens = reservationFor({ usage, pending, want, reserveTokens });
  const rest = await repository.reserve(userId, tokens, RESERVED_MS);
  // Another call may have taken it since.
  if (rest === null) throw quotaExceeded(usage);
  return { reservation: rest, tokens };
}
