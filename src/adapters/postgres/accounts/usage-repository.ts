import type { UserSummary } from '../../../contract/accounts.js';
import type { UsageStanding } from '../../../model/entities.js';
import type { UsageRepository } from '../../../ports/usage-repository.js';
import { decodeIdCursor, toPage } from '../sql/id-cursor.js';
import type { Sql } from '../sql/sql.js';
import { ADD_USAGE, LIST_USAGE, TOTAL_USAGE, USAGE } from './usage-statements.js';

export interface UsageRow {
  dayTokens: number;
  monthTokens: number;
  dayLimit: number | null;
  monthLimit: number | null;
  dayEndsInMs: number;
  monthEndsInMs: number;
}

export const toStanding = (row: UsageRow): UsageStanding => ({
  day: { tokens: row.dayTokens, limit: row.dayLimit },
  month: { tokens: row.monthTokens, limit: row.monthLimit },
  dayEndsInMs: row.dayEndsInMs,
  monthEndsInMs: row.monthEndsInMs,
});

const toUserUsage = (row: UsageRow & UserSummary) => {
  const { day, month } = toStanding(row);
  return { id: row.id, username: row.username, day, month };
};

export function createUsageRepository(sql: Sql): UsageRepository {
  return {
    async of(userId) {
      const row = await sql.one<UsageRow>(USAGE, [userId]);
      return row && toStanding(row);
    },

    async add(userId, tokens) {
      await sql.run(ADD_USAGE, [userId, tokens]);
    },

    async list({ limit, cursor }) {
      const bind = [decodeIdCursor(cursor), limit + 1];
      return toPage(await sql.rows<UsageRow & UserSummary>(LIST_USAGE, bind), limit, toUserUsage);
    },

    async totals() {
      const row = await sql.one<{ day: number; month: number }>(TOTAL_USAGE);
      return { day: { tokens: row?.day ?? 0 }, month: { tokens: row?.month ?? 0 } };
    },
  };
}
