import type { Permission } from '../../contract/permissions.js';
import { AppError } from '../../model/errors.js';
import type { NodeNotice, NodeNotices } from '../../ports/node-notices.js';
import type { Subscription } from '../../ports/subscription.js';
import { type Asker, requireStanding } from './held-right.js';
import type { Standing } from './session-standing.js';

export interface WatchedRight {
  /** Aborted when the right ends; its reason is the AppError that says why. */
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
  /** As Postgres says, which is asked after the call. */
  standing(sessionId: string): Promise<Standing>;
}

/** A notice can be lost; Postgres is asked this often while a call lasts. */
const RECHECK_MS = 2_000;

/** Whether those who asked may still do what they were allowed to when they began. */
export class Rights {
  #deps: RightsDeps;
  #watches = new Set<Watch>();
  #subscription: Subscription | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: RightsDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `session_revoked`, `account_disabled`, `forbidden`; `unavailable` when nobody can say */
  async require({ sessionId }: Pick<Asker, 'sessionId'>, permission: Permission | null) {
    requireStanding(await this.#deps.standing(sessionId), permission);
  }

  /** For a call that lasts: hears of the end of its right by notice, or by asking. Close it with the call. */
  watch(asker: Asker, permission: Permission | null): WatchedRight {
    const watch: Watch = { asker, permission, abort: new AbortController() };
    this.#watches.add(watch);
    this.#subscription ??= this.#deps.notices.onNotice((notice) => this.#heed(notice));
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

  #heed(notice: NodeNotice): void {
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

  /** While Postgres does not answer, calls go on. */
  #check(watches: Iterable<Watch>): void {
    for (const { asker, permission, abort } of watches) {
      this.require(asker, permission).catch((error: unknown) => {
        if (error instanceof AppError && !error.retryable) abort.abort(error);
      });
    }
  }
}
