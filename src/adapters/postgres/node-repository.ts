import { literal, Op } from 'sequelize';
import type { GatewayNode } from '../../contract/admin.js';
import type { BeatReply, NodeRepository } from '../../ports/repositories/node-repository.js';
import { translating } from './sql/errors.js';
import type { Models } from './sql/models.js';
import type { Sql } from './sql/sql.js';

/** Two missed heartbeats and some slack. */
const SILENCE = "now() - interval '12 seconds'";
const SILENT_FOR_A_DAY = { beatAt: { [Op.lt]: literal("now() - interval '1 day'") } };

const DAY_MS = 86_400_000;

/** Rivals in one reply. Processes that have only just died are among them. */
const MOST_RIVALS = 100;

/** Uses Postgres' clock: a node whose own clock is wrong counts as alive all the same. */
const BEAT = `
  WITH own AS (
    INSERT INTO nodes AS n (id, hostname, version, hears, hub, process) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET hears = excluded.hears, hub = excluded.hub, beat_at = now(),
      stands_since = CASE WHEN n.beat_at > ${SILENCE} THEN n.stands_since ELSE now() END
    RETURNING id, hub, stands_since, drain_asked_at IS NOT NULL AS is_to_drain
  ), rivals AS (
    SELECT n.id, n.hostname, n.hub, n.process FROM nodes n, own
    WHERE n.id <> own.id AND n.hub <> own.hub AND n.hub <> '' AND own.hub <> '' AND n.beat_at > ${SILENCE}
      AND (n.hears OR n.hub LIKE 'memory%') AND (n.stands_since, n.id) < (own.stands_since, own.id)
    ORDER BY n.stands_since LIMIT ${MOST_RIVALS}
  )
  SELECT is_to_drain AS "isToDrain", (SELECT coalesce(json_agg(rivals), '[]') FROM rivals) AS rivals FROM own`;

const PEERS_HEAR = `
  SELECT EXISTS (SELECT FROM nodes WHERE id <> $1 AND hears
    AND beat_at > greatest(${SILENCE}, now() - $2::integer * interval '1 millisecond')) AS hear`;

const ASK_TO_DRAIN = `
  UPDATE nodes SET drain_asked_at = coalesce(drain_asked_at, now()) WHERE id = $1 AND beat_at > ${SILENCE} RETURNING id`;

const LIST = `
  SELECT n.id, n.hostname, n.version, n.hears, n.beat_at > ${SILENCE} AS alive,
    n.drain_asked_at IS NOT NULL AS draining, coalesce(g.running, 0) AS running, n.started_at, n.beat_at
  FROM nodes n LEFT JOIN (
    SELECT node_id, count(*) AS running FROM generations WHERE state = 'running' GROUP BY node_id
  ) g ON g.node_id = n.id
  ORDER BY n.beat_at DESC, n.id LIMIT $1`;

type NodeRow = Omit<GatewayNode, 'started_at' | 'beat_at'> & { started_at: Date; beat_at: Date };

export function createNodeRepository(sql: Sql, { Node }: Models): NodeRepository {
  return {
    beat: ({ id, hostname, version, hears, hub, process }) =>
      translating(async () => {
        const values = [id, hostname, version, hears, hub, process];
        const reply = await sql.one<BeatReply>(BEAT, values);
        await Node.destroy({ where: SILENT_FOR_A_DAY });
        return reply ?? { rivals: [], isToDrain: false };
      }),

    askToDrain: (id) => translating(async () => (await sql.one(ASK_TO_DRAIN, [id])) !== null),

    peersHear: (id, ms) =>
      translating(async () => {
        const within = Math.min(Math.round(ms), DAY_MS);
        return (await sql.one<{ hear: boolean }>(PEERS_HEAR, [id, within]))?.hear ?? false;
      }),

    async list(limit) {
      const rows = await sql.rows<NodeRow>(LIST, [limit]);
      return rows.map((row) => ({
        ...row,
        started_at: row.started_at.toISOString(),
        beat_at: row.beat_at.toISOString(),
      }));
    },

    leave: (id) =>
      translating(async () => {
        await Node.destroy({ where: { id } });
      }),
  };
}
