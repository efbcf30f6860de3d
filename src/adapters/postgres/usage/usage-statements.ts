import { LIMITS } from '../../../contract/limits.js';
import { RESERVED_MS } from '../../../entities/reservation.js';

const TODAY = `(now() AT TIME ZONE 'UTC')::date`;
const THIS_MONTH = `date_trunc('month', now() AT TIME ZONE 'UTC')::date`;
/** Days that are kept for operators. */
const KEPT_DAYS = 400;

const sumSince = (first: string) => `
  coalesce((SELECT sum(d.tokens) FROM usage_days d
    WHERE d.user_id = u.id AND d.day BETWEEN ${first} AND ${TODAY}), 0)`;

/** The user's own limit, or the largest of their roles; none if one of these has no limit. */
const limitOf = (column: string) => `
  coalesce(u.${column}, (SELECT CASE WHEN bool_and(r.${column} IS NOT NULL) THEN max(r.${column}) END
    FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id))`;

const untilNext = (unit: 'day' | 'month') => `
  ceil(extract(epoch FROM date_trunc('${unit}', now() AT TIME ZONE 'UTC') + interval '1 ${unit}'
    - now() AT TIME ZONE 'UTC') * 1000)`;

/** Columns of a `PeriodsRow`, for `users u`. */
const PERIODS = `
  ${sumSince(TODAY)} AS "dayTokens", ${sumSince(THIS_MONTH)} AS "monthTokens",
  ${limitOf('tokens_per_day')} AS "dayLimit", ${limitOf('tokens_per_month')} AS "monthLimit"`;

/**
 * Tokens held by requests without a generation. A reservation that will be charged is held until it is counted, even if
 * it has expired.
 */
const HELD_BESIDES = `
  (SELECT coalesce(sum(r.tokens), 0) FROM usage_reservations r
    WHERE r.user_id = u.id AND (r.expires_at > clock_timestamp() OR r.model IS NOT NULL))`;

/** Unfinished generations of `users u`, and what these hold: one look for both. */
export const UNFINISHED = `
  LATERAL (SELECT count(*) AS pending, coalesce(sum(g.reserved), 0) AS reserved FROM generations g
    WHERE g.user_id = u.id AND g.state IN ('queued', 'running')) unfinished`;

/** Columns of a `UsageRow`, for `users u` and `UNFINISHED`. */
export const USAGE_COLUMNS = `${PERIODS},
  unfinished.reserved + ${HELD_BESIDES} AS reserved,
  ${untilNext('day')} AS "dayEndsInMs", ${untilNext('month')} AS "monthEndsInMs"`;

/** Binds: user. */
export const USAGE = `
  SELECT ${USAGE_COLUMNS} FROM users u CROSS JOIN ${UNFINISHED} WHERE u.id = $1 AND u.deleted_at IS NULL`;

/**
 * The tokens that the limits leave to the user, NULL without a limit. Exact only if the transaction has locked the user
 * in an earlier statement.
 */
const LEFT = (user: string) => `
  (SELECT least(p."dayLimit" - p."dayTokens", p."monthLimit" - p."monthTokens") - p.reserved FROM (
    SELECT ${PERIODS}, unfinished.reserved + ${HELD_BESIDES} AS reserved
    FROM users u CROSS JOIN ${UNFINISHED} WHERE u.id = ${user}) p)`;

export const LOCK_USER =
  'SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE';

/** Nothing is stored if it does not fit. Binds: user, tokens, ms until it expires. */
export const RESERVE = `
  INSERT INTO usage_reservations (user_id, tokens, expires_at)
  SELECT $1::bigint, $2::bigint, clock_timestamp() + $3::integer * interval '1 millisecond'
  FROM (SELECT ${LEFT('$1::bigint')} AS tokens) free WHERE coalesce(free.tokens >= $2::bigint, true)
  RETURNING id`;

/** Raises a reservation as far as the limits allow. Binds: reservation, user, tokens. */
export const RAISE_RESERVATION = `
  WITH free AS MATERIALIZED (SELECT ${LEFT('$2::bigint')} AS tokens)
  UPDATE usage_reservations r SET tokens = r.tokens + greatest(0, least($3::bigint - r.tokens, free.tokens))
  FROM free WHERE r.id = $1 AND r.user_id = $2::bigint
  RETURNING r.tokens`;

const RESERVED = `interval '${RESERVED_MS} milliseconds'`;
/**
 * Renews the reservations `r` that are due. One that still lasts long can wait, so each is written at most once a
 * minute.
 */
export const RENEWED = `expires_at = clock_timestamp() + ${RESERVED}`;
export const IS_DUE = `r.expires_at < clock_timestamp() + ${RESERVED} * 14 / 15`;

/**
 * Renews reservations and notes what they count as, where that is new or due; locks them by id. Returns those that are
 * still there. Binds: ids, tokens, models, costs, currencies; NULL: what it counts as stays.
 */
export const KEEP_RESERVATIONS = `
  WITH kept AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::text[])
      AS kept (id, tokens, model, cost, currency)
  ), due AS (
    SELECT r.id FROM usage_reservations r JOIN kept k ON k.id = r.id
    WHERE ${IS_DUE} OR r.model IS DISTINCT FROM coalesce(k.model, r.model)
    ORDER BY r.id FOR NO KEY UPDATE OF r
  ), renewed AS (
    UPDATE usage_reservations r SET ${RENEWED}, tokens = greatest(r.tokens, k.tokens),
      model = coalesce(k.model, r.model), cost = CASE WHEN k.model IS NULL THEN r.cost ELSE k.cost END,
      currency = CASE WHEN k.model IS NULL THEN r.currency ELSE k.currency END
    FROM kept k JOIN due d ON d.id = k.id WHERE r.id = k.id
  )
  SELECT r.id FROM usage_reservations r JOIN kept k ON k.id = r.id`;

/** Raises what a generation holds as far as the limits allow. Binds: generation, attempt, claim, user, tokens. */
export const RESERVE_MORE = `
  WITH free AS MATERIALIZED (SELECT ${LEFT('$4::bigint')} AS tokens)
  UPDATE generations g SET reserved = g.reserved + greatest(0, least($5::bigint - g.reserved, free.tokens))
  FROM free WHERE g.id = $1 AND g.attempt = $2 AND g.claim = $3 AND g.state = 'running'
  RETURNING g.reserved`;

/** A completion that another node will continue keeps what it holds. */
export const PRUNE_RESERVATIONS = `
  DELETE FROM usage_reservations WHERE id IN (
    SELECT id FROM usage_reservations r
    WHERE expires_at < clock_timestamp() - interval '1 day' AND model IS NULL
      AND NOT EXISTS (SELECT FROM completions c
        WHERE c.user_id = r.user_id AND c.reservation = r.id AND c.status = 'streaming')
    ORDER BY expires_at LIMIT $1
    FOR UPDATE SKIP LOCKED)`;

/** Binds: users below this id, limit. */
export const LIST_USAGE = `
  SELECT u.id, u.username, ${PERIODS} FROM users u
  WHERE u.deleted_at IS NULL AND ($1::bigint IS NULL OR u.id < $1) ORDER BY u.id DESC LIMIT $2`;

export const TOTAL_USAGE = `
  SELECT coalesce(sum(tokens) FILTER (WHERE day = ${TODAY}), 0) AS day, coalesce(sum(tokens), 0) AS month
  FROM usage_days WHERE day BETWEEN ${THIS_MONTH} AND ${TODAY}`;

/** Costs of several currencies cannot be added. `rows` is the condition for a row to count. */
const costWhere = (rows: string) => `
  CASE WHEN count(DISTINCT currency) FILTER (WHERE currency <> '' AND ${rows}) = 1
    THEN sum(cost) FILTER (WHERE ${rows}) END`;

const IN_MONTH = `day BETWEEN ${THIS_MONTH} AND ${TODAY}`;
const IN_DAYS = `day BETWEEN ${TODAY} - ${LIMITS.usageDays - 1} AND ${TODAY}`;

const COSTS = `
  SELECT ${costWhere(`day = ${TODAY}`)} AS day, ${costWhere('true')} AS month FROM usage_models
  WHERE user_id = $1 AND ${IN_MONTH}`;

const byModel = (users: string) => `
  SELECT model, sum(tokens) AS tokens, ${costWhere('true')} AS cost FROM usage_models
  WHERE ${users} AND ${IN_MONTH}
  GROUP BY model ORDER BY sum(tokens) DESC, model LIMIT ${LIMITS.usageModels}`;

export const ALL_BY_MODEL = byModel('true');

const days = (users: string) => `
  SELECT to_char(d.day, 'YYYY-MM-DD') AS day, d.tokens, m.cost
  FROM (SELECT day, sum(tokens) AS tokens FROM usage_days WHERE ${users} AND ${IN_DAYS} GROUP BY day) d
  LEFT JOIN (
    SELECT day, ${costWhere('true')} AS cost FROM usage_models WHERE ${users} AND ${IN_DAYS} GROUP BY day
  ) m ON m.day = d.day
  ORDER BY d.day`;

/** One statement, so that no answer ends between the sums that must agree. Binds: user. */
export const REPORT = `
  SELECT quota.*, to_json(costs) AS costs,
    (SELECT coalesce(json_agg(m), '[]') FROM (${byModel('user_id = $1')}) m) AS models,
    (SELECT coalesce(json_agg(d), '[]') FROM (${days('user_id = $1')}) d) AS days
  FROM (${USAGE}) quota, (${COSTS}) costs`;

export const ALL_BY_DAY = days('true');

export const ALL_BY_USER = `
  SELECT u.id, u.username, s.tokens, m.cost FROM (
    SELECT user_id, sum(tokens) AS tokens FROM usage_days WHERE ${IN_MONTH}
    GROUP BY user_id ORDER BY sum(tokens) DESC, user_id LIMIT ${LIMITS.usersInSums}
  ) s
  JOIN users u ON u.id = s.user_id AND u.deleted_at IS NULL
  CROSS JOIN LATERAL (
    SELECT ${costWhere('true')} AS cost FROM usage_models WHERE user_id = s.user_id AND ${IN_MONTH}
  ) m
  ORDER BY s.tokens DESC, u.id`;

/** The counted values, as SQL, for rows of `source`. */
export interface Counted {
  source: string;
  tokens: string;
  model: string;
  /** Both NULL without a price. */
  cost: string;
  currency: string;
}

/**
 * CTEs that count usage for the user of each row of `source`, one row per day, and one per day and model, and delete
 * that user's old days. This bounds the tables without a cleanup job. The rows are always locked in this order.
 */
export const countUsage = ({ source, tokens, model, cost, currency }: Counted) => `
  counted AS (
    INSERT INTO usage_days (user_id, tokens) SELECT user_id, ${tokens} FROM ${source} WHERE ${tokens} > 0
    ON CONFLICT (user_id, day) DO UPDATE SET tokens = usage_days.tokens + excluded.tokens
    RETURNING user_id
  ), by_model AS (
    INSERT INTO usage_models (user_id, model, currency, tokens, cost)
    SELECT s.user_id, ${model}, coalesce(${currency}, ''), ${tokens}, coalesce(${cost}, 0)
    FROM ${source} s JOIN counted c ON c.user_id = s.user_id
    ON CONFLICT (user_id, day, model, currency) DO UPDATE
      SET tokens = usage_models.tokens + excluded.tokens, cost = usage_models.cost + excluded.cost
  ), forgotten AS (
    DELETE FROM usage_days d USING ${source} s WHERE d.user_id = s.user_id AND d.day < ${TODAY} - ${KEPT_DAYS}
  ), forgotten_models AS (
    DELETE FROM usage_models d USING ${source} s WHERE d.user_id = s.user_id AND d.day < ${TODAY} - ${KEPT_DAYS}
  )`;

/**
 * Ends a reservation and counts the usage, if the reservation was still there. It is locked before the counts, as by
 * `COUNT_LOST`. Binds: reservation, user, tokens, model, cost, currency, whether it counts in any case.
 */
export const SETTLE = `
  WITH ended AS (
    DELETE FROM usage_reservations WHERE id = $1 RETURNING id
  ), standing AS (
    SELECT count(*) > 0 AS is_there FROM ended
  ), used AS (
    SELECT u.id AS user_id FROM standing CROSS JOIN users u
    WHERE u.id = $2 AND u.deleted_at IS NULL AND (standing.is_there OR $7::boolean)
  ), ${countUsage({ source: 'used', tokens: '$3::bigint', model: '$4::text', cost: '$5::numeric', currency: '$6::text' })}
  SELECT 1`;

/**
 * Ends one expired reservation, and counts what it holds. One at a time, so that the rows that count are locked in the
 * usual order, and none twice.
 */
export const COUNT_LOST = `
  WITH ended AS (
    DELETE FROM usage_reservations WHERE id = (
      SELECT id FROM usage_reservations WHERE model IS NOT NULL AND expires_at < clock_timestamp()
      ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING user_id, tokens, model, cost, currency
  ), used AS (
    SELECT e.* FROM ended e JOIN users u ON u.id = e.user_id AND u.deleted_at IS NULL
  ), ${countUsage({ source: 'used', tokens: 'tokens', model: 'model', cost: 'cost', currency: 'currency' })}
  SELECT user_id AS "userId", tokens, model FROM ended`;
