import type { Logger } from '../../domain/logger.js';
import type { Standing } from '../../domain/rights/session-standing.js';
import type { ParleySocket } from '../types.js';

export interface SessionCheckDeps {
  standing(sessionIds: readonly string[]): Promise<Map<string, Standing>>;
  apply(socket: ParleySocket, standing: Standing): void;
  logger: Logger;
}

const sessionOf = (socket: ParleySocket): string => socket.data.principal.sessionId;

/**
 * Looks up the standing of sockets' sessions. Only one query runs at a time, so that an older result never replaces a
 * newer one; sockets that are added meanwhile go into the next query.
 */
export class SessionCheck {
  #deps: SessionCheckDeps;
  #waiting = new Set<ParleySocket>();
  #busy = false;

  constructor(deps: SessionCheckDeps) {
    this.#deps = deps;
  }

  ask(sockets: Iterable<ParleySocket>): void {
    for (const socket of sockets) this.#waiting.add(socket);
    if (this.#busy) return;
    this.#busy = true;
    void this.#work().finally(() => {
      this.#busy = false;
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.size > 0) {
      const sockets = [...this.#waiting];
      this.#waiting.clear();
      await this.#round(sockets).catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'session recheck failed, will try again');
      });
    }
  }

  async #round(sockets: readonly ParleySocket[]): Promise<void> {
    const standing = await this.#deps.standing([...new Set(sockets.map(sessionOf))]);
    for (const socket of sockets) {
      const found = standing.get(sessionOf(socket));
      if (found && socket.connected) this.#deps.apply(socket, found);
    }
  }
}
