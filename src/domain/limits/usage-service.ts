import { LIMITS } from '../../contract/limits.js';
import type {
  UsageList,
  UsagePeriod,
  UsageReport,
  UsageSumBy,
  UsageSums,
} from '../../contract/usage.js';
import { notFound } from '../../entities/errors.js';
import type { Database } from '../../ports/repositories/repositories.js';

/** The models of the deployment. `hasPrices`: any of them has a price. */
interface PricedModels {
  readonly hasPrices: boolean;
}

/** How many tokens users have used. */
export class UsageService {
  #db: Database;
  #models: PricedModels;

  constructor(db: Database, models: PricedModels) {
    this.#db = db;
    this.#models = models;
  }

  /** @throws AppError `not_found` */
  async of(userId: number): Promise<UsageReport> {
    const report = await this.#db.usage.report(userId);
    if (!report) throw notFound();
    const { quota, details } = report;
    const { costs, models, days } = details;
    const period = ({ tokens, limit }: UsagePeriod, cost: number | null) => ({
      ...{ tokens, reserved: quota.reserved, limit },
      cost: tokens === 0 && this.#models.hasPrices ? 0 : cost,
    });
    return {
      day: period(quota.day, costs.day),
      month: period(quota.month, costs.month),
      by_model: models,
      days,
    };
  }

  /** @throws AppError `validation_failed` for a foreign cursor */
  async list(query: {
    limit?: number;
    cursor?: string;
  }): Promise<UsageList & { nextCursor: string | null }> {
    const { usage } = this.#db;
    const [totals, { entries, nextCursor }] = await Promise.all([
      usage.totals(),
      usage.list({ ...query, limit: query.limit ?? LIMITS.pageDefault }),
    ]);
    return { totals, users: entries, nextCursor };
  }

  async sums(by: UsageSumBy): Promise<UsageSums> {
    const { usage } = this.#db;
    if (by === 'user') return { by, rows: await usage.byUser() };
    if (by === 'model') return { by, rows: await usage.byModel() };
    return { by, rows: await usage.byDay() };
  }
}
