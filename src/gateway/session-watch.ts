import type { ErrorCode } from '../contract/errors.js';
import type { Logger } from '../domain/logger.js';
import type { NodeNotices, Subscription } from '../ports/engine.js';
import { type ParleyServer, type ParleySocket, sessionRoom } from './types.js';

export interface SessionWatchDeps {
  io: ParleyServer;
  notices: NodeNotices;
  /** Those of the sessions that may still be used. */
  alive(sessionIds: string[]): Promise<string[]>;
  logger: Logger;
}

const SWEEP_EVERY_MS = 1_000;
export const WARN_BEFORE_MS = 60_000;
const RECHECK_EVERY_MS = 60_000;

/** Sockets follow their session: warned before it ends, extended when it is refreshed, closed when it is over. */
export class SessionWatch {
  #deps: SessionWatchDeps;
  #timers: NodeJS.Timeout[] = [];
  #subscription: Subscription | null = null;

  constructor(deps: SessionWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#subscription = this.#deps.notices.onNotice((notice) => {
      if (notice.type === 'session_ended') this.#end(notice.sessionIds, notice.code);
      if (notice.type === 'session_extended') this.#extend(notice.sessionId, notice.expiresAt);
    });
    this.#timers = [
      setInterval(() => this.#sweep(), SWEEP_EVERY_MS),
      setInterval(() => void this.#recheck(), RECHECK_EVERY_MS),
    ];
  }

  stop(): void {
    this.#subscription?.close();
    for (const timer of this.#timers) clearInterval(timer);
  }

  extend(socket: ParleySocket, expiresAt: number): void {
    socket.data.principal.expiresAt = expiresAt;
    socket.data.warnAt = nextWarning(expiresAt, Date.now());
  }

  #sockets(): ParleySocket[] {
    return [...this.#deps.io.of('/').sockets.values()];
  }

  #inSession(id: string): ParleySocket[] {
    const { adapter, sockets } = this.#deps.io.of('/');
    return [...(adapter.rooms.get(sessionRoom(id)) ?? [])].flatMap((sid) => sockets.get(sid) ?? []);
  }

  #end(sessionIds: string[], code: ErrorCode): void {
    for (const socket of sessionIds.flatMap((id) => this.#inSession(id))) end(socket, code);
  }

  #extend(sessionId: string, expiresAt: number): void {
    for (const socket of this.#inSession(sessionId)) this.extend(socket, expiresAt);
  }

  #sweep(): void {
    const now = Date.now();
    for (const socket of this.#sockets()) {
      const { principal, warnAt } = socket.data;
      if (principal.expiresAt <= now) end(socket, 'token_expired');
      else if (warnAt <= now) warn(socket);
    }
  }

  /** Catches what a lost notice would have told. */
  async #recheck(): Promise<void> {
    const ids = [...new Set(this.#sockets().map((s) => s.data.principal.sessionId))];
    if (ids.length === 0) return;
    try {
      const alive = new Set(await this.#deps.alive(ids));
      this.#end(
        ids.filter((id) => !alive.has(id)),
        'session_revoked',
      );
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'session recheck failed, will try again');
    }
  }
}

/**
 * A minute before the end; of a token that has less than two minutes, half of that: who refreshes at
 * every warning must not be warned again at once.
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
