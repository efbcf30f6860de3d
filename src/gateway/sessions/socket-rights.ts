import type { ErrorCode } from '../../contract/errors.js';
import type { Permission } from '../../contract/permissions.js';
import { requireStanding } from '../../domain/rights/held-right.js';
import type { Standing } from '../../domain/rights/session-standing.js';
import { AppError, isUnavailable, unavailable } from '../../entities/errors.js';
import type { ParleySocket } from '../types.js';
import { expiryOf } from './session-watch.js';

export interface SocketRightsDeps {
  /** The standing in Postgres, read after this call. */
  standing(sessionId: string): Promise<Standing>;
  /** Ends the socket after the reply that is being sent. */
  end(socket: ParleySocket, code: ErrorCode): void;
  /** The clock that tokens expire by, in ms since the epoch. */
  now(): number;
}

/** Decides whether an event of a socket may begin now. Notices can be late or lost, so Postgres is asked. */
export class SocketRights {
  #deps: SocketRightsDeps;

  constructor(deps: SocketRightsDeps) {
    this.#deps = deps;
  }

  /**
   * @throws AppError `session_revoked`, `key_revoked`, `account_disabled`, `token_expired`, `forbidden`; `unavailable` if the socket
   * has disconnected, or if Postgres is away and the event needs a permission
   */
  async require(socket: ParleySocket, permission: Permission | null): Promise<void> {
    const standing = await this.#standing(socket, permission);
    if (!socket.connected) throw gone();
    const over = standing?.ended ?? this.#expiryOf(socket);
    if (over) {
      this.#deps.end(socket, over);
      throw new AppError(over);
    }
    if (standing) requireStanding(standing, permission);
  }

  #expiryOf({ data }: ParleySocket): ErrorCode | null {
    return data.principal.expiresAt <= this.#deps.now() ? expiryOf(data.principal) : null;
  }

  /** Null: Postgres is away, and the event needs no permission. */
  async #standing(socket: ParleySocket, permission: Permission | null): Promise<Standing | null> {
    if (!socket.connected) throw gone();
    try {
      return await this.#deps.standing(socket.data.principal.sessionId);
    } catch (error) {
      if (permission === null && isUnavailable(error)) return null;
      throw error;
    }
  }
}

const gone = () => unavailable(new Error('the socket has gone'));
