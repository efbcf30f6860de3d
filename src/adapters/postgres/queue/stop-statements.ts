import type { Sql } from '../sql/sql.js';
import { LEASE_OVER } from './generation-statements.js';

/**
 * Whatever locks rows for long locks them in this order: users, sessions, conversations, generations, messages. An
 * update that met several generations in another order could wait for one that waits for it. Each step is a statement of
 * its own: it sees what came while the one before it waited.
 */
const hold = (where: string) => `
  SELECT 1 FROM generations WHERE state <> 'finished' AND (${where}) ORDER BY id FOR UPDATE`;

/** Those that never ran end here. The others end with whoever runs them, which counts what they took. */
const stop = (where: string) => `
  WITH stopped AS (
    UPDATE generations SET stop_requested = true,
      state = CASE WHEN attempt = 0 THEN 'finished' ELSE state END,
      lease_expires_at = CASE WHEN attempt = 0 THEN ${LEASE_OVER} ELSE lease_expires_at END
    WHERE state <> 'finished' AND (${where})
    RETURNING id, message_id, state
  ), ended AS (
    UPDATE messages m SET status = 'stopped', completed_at = now()
    FROM stopped s WHERE m.id = s.message_id AND s.state = 'finished'
  )
  SELECT id FROM stopped WHERE state <> 'finished' ORDER BY id`;

/** Stops what is unfinished of these generations. Resolves to those that somebody still runs. Inside a transaction. */
export async function stopUnfinished(tx: Sql, where: string, bind: unknown[]): Promise<number[]> {
  await tx.run(hold(where), bind);
  const running = await tx.rows<{ id: number }>(stop(where), bind);
  return running.map(({ id }) => id);
}
