import type { Response } from 'express';
import { LIMITS } from '../contract/limits.js';
import type { ChatPermission } from '../contract/permissions.js';
import { HeavyWork } from '../domain/limits/heavy-work.js';
import { scaledBy, unlessOff } from '../domain/limits/scaled.js';
import { Shares } from '../domain/limits/shares.js';
import type { Rights } from '../domain/rights/rights.js';
import type { Principal } from '../entities/entities.js';
import { rateLimited, unavailable } from '../entities/errors.js';
import type { Telemetry } from '../ports/telemetry.js';
import { onClosed } from './on-closed.js';

export interface ProgramCallsDeps {
  rights: Pick<Rights, 'watch'>;
  telemetry: Pick<Telemetry, 'limited'>;
}

export interface Caller {
  principal: Principal;
  /** The call ends when its caller loses it. */
  permission: ChatPermission;
  res: Response;
}

const RETRY_AFTER_MS = 1_000;
/** A call that was ended tells its client so within this time. */
const GOODBYE_MS = 1_000;
/** Bytes of bodies that one user, and all users, may have on this node. */
const BODIES = { perKey: 3 * LIMITS.completionBytes, total: 8 * LIMITS.completionBytes };

/** The client of a call has closed its request. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** The calls of programs on this node that last as long as an answer. */
export class ProgramCalls {
  readonly #deps: ProgramCallsDeps;
  readonly #places: HeavyWork;
  readonly #open = new Set<AbortController>();
  readonly #bodies: Shares<number>;
  #isStopping = false;
  #onIdle: () => void = () => {};

  /** `scale` multiplies the number of calls that a user may have; 0 means any number. */
  constructor(deps: ProgramCallsDeps, scale: number) {
    this.#deps = deps;
    const perUser = scaledBy(scale)(LIMITS.completions);
    this.#bodies = new Shares({ ...BODIES, perKey: unlessOff(scale, BODIES.perKey) });
    this.#places = new HeavyWork({ perUser, total: Number.POSITIVE_INFINITY }, () =>
      deps.telemetry.limited({ limit: 'completions' }),
    );
  }

  /**
   * `work` gets a signal that ends with the right of its caller, with its client (`ClientGone`), and with the node.
   * @throws AppError `rate_limited`; `unavailable` on a node that drains; any error of `work`
   */
  async run(
    { principal, permission, res }: Caller,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (this.#isStopping) throw draining();
    const right = this.#deps.rights.watch(principal, permission);
    const end = new AbortController();
    right.signal.addEventListener('abort', () => end.abort(right.signal.reason), { once: true });
    onClosed(res, () => end.abort(new ClientGone('the client has closed the request')));
    this.#open.add(end);
    try {
      await this.#places.run(principal.userId, () => work(end.signal));
    } finally {
      right.close();
      this.#open.delete(end);
      if (this.#open.size === 0) this.#onIdle();
    }
  }

  /**
   * Holds memory for a body of up to `bytes` until the returned function is called.
   * @throws AppError `rate_limited`, `unavailable`
   */
  hold(userId: number, bytes: number): () => void {
    if (this.#bodies.shortage(userId, bytes) === 'key') throw this.#limited();
    const giveBack = this.#bodies.take(userId, bytes);
    if (!giveBack) throw unavailable(new Error('too many large bodies'), RETRY_AFTER_MS);
    return giveBack;
  }

  /** Refuses new calls, lets the others go on for `ms`, and ends those that are left. Idempotent. */
  async stop(ms: number): Promise<void> {
    this.#isStopping = true;
    if (this.#open.size > 0) await this.#idle(ms);
    for (const end of this.#open) end.abort(draining());
    if (this.#open.size > 0) await this.#idle(GOODBYE_MS);
  }

  #idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #limited() {
    this.#deps.telemetry.limited({ limit: 'completions' });
    return rateLimited(RETRY_AFTER_MS);
  }
}

const draining = () => unavailable(new Error('this node drains'), RETRY_AFTER_MS);
