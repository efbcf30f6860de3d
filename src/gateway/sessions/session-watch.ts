import type { ErrorCode } from '../../contract/errors.js';
import type { Logger } from '../../domain/logger.js';
import type { Standing } from '../../domain/rights/session-standing.js';
import type { Principal } from '../../entities/entities.js';
import type { NodeNotice, NodeNotices } from '../../ports/node-notices.js';
import type { Subscription } from '../../ports/subscription.js';
import {
  type ParleyServer,
  type ParleySocket,
  programRoom,
  sessionRoom,
  userRoom,
} from '../types.js';
import { Recent } from './recent.js';
import { SessionCheck } from './session-check.js';

export interface SessionWatchDeps {
  io: ParleyServer;
  notices: NodeNotices;
  standing(sessionIds: readonly string[]): Promise<Map<string, Standing>>;
  /** How often every session is rechecked, even without a notice. */
  recheckMs: number;
  /** The clock that tokens expire by, in ms since the epoch. */
  now(): number;
  logger: Logger;
}

const SWEEP_EVERY_MS = 1_000;
export const WARN_BEFORE_MS = 60_000;
const EVERYBODY = 'everybody';

/**
 * Keeps sockets in step with their session: warns before it expires, extends when it is refreshed, closes when it
 * ends.
 */
export class SessionWatch {
  #deps: SessionWatchDeps;
  #timers: NodeJS.Timeout[] = [];
  #subscription: Subscription | null = null;
  #check: SessionCheck;
  #ends = new Recent<ErrorCode>();
  #changes = new Recent<true>();

  constructor(deps: SessionWatchDeps) {
    this.#deps = deps;
    this.#check = new SessionCheck({ ...deps, apply: follow });
  }

  start(): void {
    this.#subscription = this.#deps.notices.onNotice((notice) => this.#onNotice(notice));
    this.#timers = [
      setInterval(() => this.#sweep(), SWEEP_EVERY_MS),
      setInterval(() => this.#check.ask(this.#sockets()), this.#deps.recheckMs),
    ];
  }

  stop(): void {
    this.#subscription?.close();
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Takes a socket that has just joined its rooms, and catches up on notices that came while it was connecting. */
  admit(socket: ParleySocket): void {
    const { userId, sessionId } = socket.data.principal;
    const code = this.#ends.get(sessionId);
    if (code) end(socket, code);
    else if (this.#changes.get(userRoom(userId)) ?? this.#changes.get(EVERYBODY))
      this.#check.ask([socket]);
  }

  /** Ends the socket after the reply that is being sent. */
  end(socket: ParleySocket, code: ErrorCode): void {
    setImmediate(() => end(socket, code));
  }

  extend(socket: ParleySocket, expiresAt: number): void {
    socket.data.principal.expiresAt = expiresAt;
    socket.data.warnAt = nextWarning(expiresAt, this.#deps.now());
  }

  /** Rechecks all sessions, including those of sockets that are still connecting. */
  recheck(): void {
    this.#changed(null);
  }

  #onNotice(notice: NodeNotice): void {
    if (notice.type === 'session_ended') this.#end(notice.sessionIds, notice.code);
    if (notice.type === 'session_extended') this.#extend(notice.sessionId, notice.expiresAt);
    if (notice.type === 'users_changed') this.#changed(notice.userIds);
  }

  #sockets(): ParleySocket[] {
    return [...this.#deps.io.of('/').sockets.values()];
  }

  #in(room: string): ParleySocket[] {
    const { adapter, sockets } = this.#deps.io.of('/');
    return [...(adapter.rooms.get(room) ?? [])].flatMap((sid) => sockets.get(sid) ?? []);
  }

  /** Null: all users. */
  #changed(userIds: readonly number[] | null): void {
    const rooms = userIds?.map(userRoom);
    for (const room of rooms ?? [EVERYBODY]) this.#changes.add(room, true, this.#deps.now());
    const concerned = userIds?.flatMap((id) => [userRoom(id), programRoom(id)]);
    this.#check.ask(concerned ? concerned.flatMap((room) => this.#in(room)) : this.#sockets());
  }

  #end(sessionIds: string[], code: ErrorCode): void {
    for (const id of sessionIds) {
      this.#ends.add(id, code, this.#deps.now());
      for (const socket of this.#in(sessionRoom(id))) end(socket, code);
    }
  }

  #extend(sessionId: string, expiresAt: number): void {
    for (const socket of this.#in(sessionRoom(sessionId))) this.extend(socket, expiresAt);
  }

  #sweep(): void {
    const now = this.#deps.now();
    this.#ends.forget(now);
    this.#changes.forget(now);
    for (const socket of this.#sockets()) {
      const { principal, warnAt } = socket.data;
      if (principal.expiresAt <= now) end(socket, expiryOf(principal));
      else if (warnAt <= now) warn(socket);
    }
  }
}

/** The error code for a socket whose time has ended. */
export const expiryOf = ({ scopes }: Pick<Principal, 'scopes'>): ErrorCode =>
  scopes ? 'key_revoked' : 'token_expired';

/** Closes the socket if its session has ended, otherwise updates its user's rights. */
function follow(socket: ParleySocket, standing: Standing): void {
  if (standing.ended) end(socket, standing.ended);
  else Object.assign(socket.data.principal, standing.now);
}

/**
 * One minute before the end, or halfway to it if less than two minutes are left. A client that refreshes at every
 * warning is then not warned again at once.
 */
export function nextWarning(expiresAt: number, now: number): number {
  return expiresAt - Math.min(WARN_BEFORE_MS, (expiresAt - now) / 2);
}

function warn(socket: ParleySocket): void {
  socket.data.warnAt = Number.POSITIVE_INFINITY;
  const expires_at = new Date(socket.data.principal.expiresAt).toISOString();
  socket.emit('session:expiring', { expires_at });
}

function end(socket: ParleySocket, code: ErrorCode): void {
  socket.emit('session:ended', { code });
  socket.disconnect(true);
}
