import { keyIdOf, keySessionId } from '../../../entities/key-sessions.js';
import type { SessionState } from '../../../ports/repositories/session-repository.js';
import type { Sql } from '../sql/sql.js';
import { GRANTS_COLUMN, type Granted, permitted } from './grants.js';

/** Applies to `api_keys k`. */
export const IS_ALIVE = `(k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()))`;

const STATES = {
  name: 'key_states',
  text: `
  SELECT k.id, u.username, u.is_active AS "isActive", ${IS_ALIVE} AS "isAlive", ${GRANTS_COLUMN}
  FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.id = ANY($1::uuid[])`,
};

const HOLD = {
  name: 'hold_key',
  text: 'SELECT 1 FROM api_keys WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE',
};

type Row = Omit<SessionState, 'roles' | 'permissions'> & Granted;

/** The states of keys, by the ids that stand for them among those of sessions. */
export async function keyStates(sql: Sql, ids: readonly string[]): Promise<SessionState[]> {
  const keys = ids.flatMap((id) => keyIdOf(id) ?? []);
  if (keys.length === 0) return [];
  const rows = await sql.rows<Row>(STATES, [keys]);
  return rows.map(({ grants, ...state }) => ({
    ...state,
    ...permitted({ grants }),
    id: keySessionId(state.id),
  }));
}

export const holdKey = (sql: Sql, userId: number, keyId: string): Promise<number> =>
  sql.run(HOLD, [keyId, userId]);
