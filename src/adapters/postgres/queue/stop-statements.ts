import { LEASE_OVER } from '../sql/lease.js';
import type { Sql } from '../sql/sql.js';
import { ENDS_IN_PLACE, SHOW_STOPPED } from './stop-in-place.js';

/**
 * Transactions that lock rows for long lock them in this order: users, sessions, conversations, generations,
 * messages. An update that met several generations in another order could deadlock. Each step is a statement of its
 * own, so that it sees changes that were committed while the step before it waited.
 */
const hold = (where: string) => `
  SELECT 1 FROM generations WHERE state <> 'finished' AND (${where}) ORDER BY id FOR UPDATE`;

/** Generations that nobody has claimed end here. The others end with their owners, which count their tokens. */
const stop = (where: string) => `
  WITH stopped AS (
    UPDATE generations SET stop_requested = true,
      state = CASE WHEN ${ENDS_IN_PLACE} THEN 'finished' ELSE state END,
      lease_expires_at = CASE WHEN ${ENDS_IN_PLACE} THEN ${LEASE_OVER} ELSE lease_expires_at END
    WHERE state <> 'finished' AND (${where})
    RETURNING id, message_id, state
  ), ended AS (
    UPDATE messages m SET ${SHOW_STOPPED}
    FROM stopped s WHERE m.id = s.message_id AND s.state = 'finished'
  )
  SELECT id FROM stopped WHERE state <> 'finished' ORDER BY id`;

/** Stops the matching unfinished generations. Resolves to those that a node still runs. Needs a transaction. */
export async function stopUnfinished(tx: Sql, where: string, bind: unknown[]): Promise<number[]> {
  await tx.run(hold(where), bind);
  const running = await tx.rows<{ id: number }>(stop(where), bind);
  return running.map(({ id }) => id);
}
