import { LIMITS } from '../../contract/limits.js';
import type { UsageList, UsageReport } from '../../contract/usage.js';
import { notFound } from '../../model/errors.js';
import type { Database } from '../../ports/repositories.js';

/** How many tokens users have used. */
export class UsageService {
  #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws AppError `not_found` */
  async of(userId: number): Promise<UsageReport> {
    const standing = await this.#db.usage.of(userId);
    if (!standing) throw notFound();
    return { day: standing.day, month: standing.month };
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
}
