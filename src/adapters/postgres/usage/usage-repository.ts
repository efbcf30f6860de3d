import type { UserSummary } from '../../../contract/accounts.js';
import type { DayUsage, ModelUsage, UserSum } from '../../../contract/usage.js';
import type { Charge, QuotaUsage } from '../../../entities/entities.js';
import type {
  UsageDetails,
  UsageRepository,
} from '../../../ports/repositories/usage-repository.js';
import { decodeIdCursor, toPage } from '../sql/id-cursor.js';
import type { Sql, Transact } from '../sql/sql.js';
import * as statements from './usage-statements.js';

interface PeriodsRow {
  dayTokens: number;
  monthTokens: number;
  dayLimit: number | null;
  monthLimit: number | null;
}

export interface UsageRow extends PeriodsRow {
  reserved: number;
  dayEndsInMs: number;
  monthEndsInMs: number;
}

const toPeriods = (row: PeriodsRow) => ({
  day: { tokens: row.dayTokens, limit: row.dayLimit },
  month: { tokens: row.monthTokens, limit: row.monthLimit },
});

export const toQuotaUsage = (row: UsageRow): QuotaUsage => ({
  ...toPeriods(row),
  reserved: row.reserved,
  dayEndsInMs: row.dayEndsInMs,
  monthEndsInMs: row.monthEndsInMs,
});

const toUserUsage = (row: PeriodsRow & UserSummary) => ({
  id: row.id,
  username: row.username,
  ...toPeriods(row),
});

const NOTHING = { model: '', tokens: 0, cost: null, currency: null };

/** Does what `UsageRepository.settle` says. `always`: something else decides that it counts once. */
export async function settle(
  sql: Sql,
  reservation: number,
  userId: number,
  charge: Charge | null,
  always = false,
): Promise<void> {
  const { model, tokens, cost, currency } = charge ?? NOTHING;
  await sql.run(statements.SETTLE, [reservation, userId, tokens, model, cost, currency, always]);
}

export function createUsageRepository(sql: Sql, transact: Transact): UsageRepository {
  return {
    async of(userId) {
      const row = await sql.one<UsageRow>(statements.USAGE, [userId]);
      return row && toQuotaUsage(row);
    },

    async report(userId) {
      const row = await sql.one<UsageRow & UsageDetails>(statements.REPORT, [userId]);
      if (!row) return null;
      const { costs, models, days } = row;
      return { quota: toQuotaUsage(row), details: { costs, models, days } };
    },

    reserve: (userId, tokens, ms) =>
      transact(async (tx) => {
        await tx.run(statements.LOCK_USER, [userId]);
        const row = await tx.one<{ id: number }>(statements.RESERVE, [userId, tokens, ms]);
        return row?.id ?? null;
      }),

    raise: (reservation, userId, tokens) =>
      transact(async (tx) => {
        await tx.run(statements.LOCK_USER, [userId]);
        const bind = [reservation, userId, tokens];
        return (
          (await tx.one<{ tokens: number }>(statements.RAISE_RESERVATION, bind))?.tokens ?? null
        );
      }),

    async keep(held) {
      const rows = await sql.rows<{ id: number }>(statements.KEEP_RESERVATIONS, [
        held.map(({ id }) => id),
        ...(['tokens', 'model', 'cost', 'currency'] as const).map((name) =>
          held.map(({ charge }) => charge?.[name] ?? null),
        ),
      ]);
      return rows.map(({ id }) => id);
    },

    settle: (reservation, userId, charge) => settle(sql, reservation, userId, charge),

    countLost: () => sql.one(statements.COUNT_LOST),

    prune: (rows) => sql.run(statements.PRUNE_RESERVATIONS, [rows]),

    async list({ limit, cursor }) {
      const bind = [decodeIdCursor(cursor), limit + 1];
      const rows = await sql.rows<PeriodsRow & UserSummary>(statements.LIST_USAGE, bind);
      return toPage(rows, limit, toUserUsage);
    },

    async byUser() {
      const rows = await sql.rows<UserSummary & Omit<UserSum, 'user'>>(statements.ALL_BY_USER);
      return rows.map(({ id, username, tokens, cost }) => ({
        user: { id, username },
        tokens,
        cost,
      }));
    },

    byModel: () => sql.rows<ModelUsage>(statements.ALL_BY_MODEL),

    byDay: () => sql.rows<DayUsage>(statements.ALL_BY_DAY),

    async totals() {
      const row = await sql.one<{ day: number; month: number }>(statements.TOTAL_USAGE);
      return { day: { tokens: row?.day ?? 0 }, month: { tokens: row?.month ?? 0 } };
    },
  };
}
