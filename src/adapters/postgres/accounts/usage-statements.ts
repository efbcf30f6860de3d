const TODAY = `(now() AT TIME ZONE 'UTC')::date`;
const THIS_MONTH = `date_trunc('month', now() AT TIME ZONE 'UTC')::date`;
/** Days that are kept for operators. */
const KEPT_DAYS = 400;

const sumSince = (first: string) => `
  coalesce((SELECT sum(d.tokens) FROM usage_days d
    WHERE d.user_id = u.id AND d.day BETWEEN ${first} AND ${TODAY}), 0)`;

/** The largest limit of the user's roles; none if one of them has no limit. */
const limitOf = (column: string) => `
  (SELECT CASE WHEN bool_and(r.${column} IS NOT NULL) THEN max(r.${column}) END
    FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id)`;

const untilNext = (unit: 'day' | 'month') => `
  ceil(extract(epoch FROM date_trunc('${unit}', now() AT TIME ZONE 'UTC') + interval '1 ${unit}'
    - now() AT TIME ZONE 'UTC') * 1000)`;

/** Columns of a `UsageRow`, for `users u`. */
export const USAGE_COLUMNS = `
  ${sumSince(TODAY)} AS "dayTokens", ${sumSince(THIS_MONTH)} AS "monthTokens",
  ${limitOf('tokens_per_day')} AS "dayLimit", ${limitOf('tokens_per_month')} AS "monthLimit",
  ${untilNext('day')} AS "dayEndsInMs", ${untilNext('month')} AS "monthEndsInMs"`;

/** Binds: user. */
export const USAGE = `SELECT ${USAGE_COLUMNS} FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL`;

/** Binds: user, tokens. */
export const ADD_USAGE = `
  INSERT INTO usage_days (user_id, tokens) SELECT id, $2::bigint FROM users WHERE id = $1 AND deleted_at IS NULL AND $2::bigint > 0
  ON CONFLICT (user_id, day) DO UPDATE SET tokens = usage_days.tokens + excluded.tokens`;

/** Binds: users below this id, limit. */
export const LIST_USAGE = `
  SELECT u.id, u.username, ${USAGE_COLUMNS} FROM users u
  WHERE u.deleted_at IS NULL AND ($1::bigint IS NULL OR u.id < $1) ORDER BY u.id DESC LIMIT $2`;

export const TOTAL_USAGE = `
  SELECT coalesce(sum(tokens) FILTER (WHERE day = ${TODAY}), 0) AS day, coalesce(sum(tokens), 0) AS month
  FROM usage_days WHERE day BETWEEN ${THIS_MONTH} AND ${TODAY}`;

/**
 * CTEs that count `tokens` for the user of each row of `source`, one row per day, and delete that user's old days.
 * This bounds the table without a cleanup job.
 */
export const countUsage = (source: string, tokens: string) => `
  counted AS (
    INSERT INTO usage_days (user_id, tokens) SELECT user_id, ${tokens} FROM ${source} WHERE ${tokens} > 0
    ON CONFLICT (user_id, day) DO UPDATE SET tokens = usage_days.tokens + excluded.tokens
  ), forgotten AS (
    DELETE FROM usage_days d USING ${source} s WHERE d.user_id = s.user_id AND d.day < ${TODAY} - ${KEPT_DAYS}
  )`;
