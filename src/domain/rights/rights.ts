import type { Permission } from '../../contract/permissions.js';
import { AppError } from '../../entities/errors.js';
import type { NodeNotice, NodeNotices } from '../../ports/node-notices.js';
import type { Subscription } from '../../ports/subscription.js';
import { type Asker, requireStanding } from './held-right.js';
import type { Standing } from './session-standing.js';

export interface WatchedRight {
  /** Aborted when the right ends. Its reason is an AppError. */
  readonly signal: AbortSignal;
  /** Idempotent. */
  close(): void;
}

interface Watch {
  asker: Asker;
  permission: Permission | null;
  abort: AbortController;
}

export interface RightsDeps {
  notices: Pick<NodeNotices, 'onNotice'>;
  /** The standing in Postgres, read after this call. */
  standing(sessionId: string): Promise<Standing>;
}

/** Interval of checks in Postgres during a call, because a notice can be lost. */
const RECHECK_MS = 2_000;

/** Checks whether users still have the rights that they had when they asked. */
export class Rights {
  #deps: RightsDeps;
  #watches = new Set<Watch>();
  #subscription: Subscription | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: RightsDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `session_revoked`, `account_disabled`, `forbidden`; `unavailable` while Postgres is away */
  async require({ sessionId }: Pick<Asker, 'sessionId'>, permission: Permission | null) {
    requireStanding(await this.#deps.standing(sessionId), permission);
  }

  /** Watches the right of a long call, by notices and by checks in Postgres. Close it with the call. */
  watch(asker: Asker, permission: Permission | null): WatchedRight {
    const watch: Watch = { asker, permission, abort: new AbortController() };
    this.#watches.add(watch);
    this.#subscription ??= this.#deps.notices.onNotice((notice) => this.#onNotice(notice));
    this.#timer ??= setInterval(() => this.#check(this.#watches), RECHECK_MS).unref();
    return { signal: watch.abort.signal, close: () => this.#close(watch) };
  }

  #close(watch: Watch): void {
    this.#watches.delete(watch);
    if (this.#watches.size > 0) return;
    this.#subscription?.close();
    clearInterval(this.#timer);
    this.#subscription = null;
    this.#timer = undefined;
  }

  #onNotice(notice: NodeNotice): void {
    if (notice.type === 'session_ended') {
      for (const { asker, abort } of this.#watches) {
        if (notice.sessionIds.includes(asker.sessionId)) abort.abort(new AppError(notice.code));
      }
    }
    if (notice.type === 'users_changed') {
      const { userIds } = notice;
      const concerned = [...this.#watches].filter(
        ({ asker }) => userIds?.includes(asker.userId) ?? true,
      );
      this.#check(concerned);
    }
  }

  /** Calls continue while Postgres does not respond. */
  #check(watches: Iterable<Watch>): void {
    for (const { asker, permission, abort } of watches) {
      this.require(asker, permission).catch((error: unknown) => {
        if (error instanceof AppError && !error.retryable) abort.abort(error);
      });
    }
  }
}
