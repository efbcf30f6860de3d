import type { ErrorCode } from '../../contract/errors.js';
import type { Principal } from '../../entities/entities.js';
import { keyIdOf } from '../../entities/key-sessions.js';
import type {
  SessionRepository,
  SessionState,
} from '../../ports/repositories/session-repository.js';
import { permissionsOf } from './permissions.js';

/** The current standing of a session: ended, with the reason, or what its user may do. */
export type Standing =
  | { ended: ErrorCode }
  | { ended: null; now: Pick<Principal, 'username' | 'roles' | 'permissions'> };

/** Sessions per statement. */
const AT_ONCE = 500;

/** The error for a session, or the key with this `keySessionId`, that has ended or does not exist. */
export const endOf = (sessionId: string): ErrorCode =>
  keyIdOf(sessionId) === null ? 'session_revoked' : 'key_revoked';

export function judge(sessionId: string, state: SessionState | null | undefined): Standing {
  if (!state) return { ended: endOf(sessionId) };
  if (!state.isActive) return { ended: 'account_disabled' };
  if (!state.isAlive) return { ended: endOf(sessionId) };
  const { username, roles } = state;
  return {
    ended: null,
    now: { username, roles, permissions: permissionsOf(roles, state.permissions) },
  };
}

/** Asks Postgres for a few hundred at a time, so that no statement grows with the number of sockets. */
export async function standingOf(
  sessions: Pick<SessionRepository, 'states'>,
  ids: readonly string[],
): Promise<Map<string, Standing>> {
  const standing = new Map<string, Standing>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const asked = ids.slice(from, from + AT_ONCE);
    const states = new Map((await sessions.states(asked)).map((state) => [state.id, state]));
    for (const id of asked) standing.set(id, judge(id, states.get(id)));
  }
  return standing;
}
