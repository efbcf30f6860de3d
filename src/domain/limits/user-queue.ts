import { LIMITS } from '../../contract/limits.js';
import { type AppError, rateLimited, unavailable } from '../../entities/errors.js';
import type { KeyedBuckets } from './keyed-buckets.js';

export interface QueueLimits {
  /** Limit for each user; Infinity switches it off. */
  atOnce: number;
  mostWaiting: number;
}

/** Properties of work that waits for its turn. */
export interface WorkKind {
  isWanted?: () => boolean;
  /** The reply may be large, so the work also waits until earlier replies to the user are paid for. */
  isPage?: boolean;
}

interface Line {
  /** Work done since the user's queue was last empty. */
  done: number;
  running: number;
  /** The number of running calls that are pages. */
  pages: number;
  waiting: Waiting[];
  timer: NodeJS.Timeout | undefined;
}

interface Waiting extends Required<WorkKind> {
  begin: () => void;
  reject: (error: AppError) => void;
}

const RETRY_AFTER_MS = 1_000;
/** A user with this many calls without a rest gets further ones one by one, with pauses. */
const EAGER = 20;
const PAUSE_MS = 20;

/** The error of work that never began. */
export const unwanted = () => unavailable(new Error('nobody waits for it any more'));

/**
 * Lets each user run a few calls at once, in order, so that none takes all connections to the database. Pages also
 * wait for the user's budget of bytes, so that none takes the event loop; other calls may pass them.
 */
export class UserQueue {
  readonly #limits: QueueLimits;
  readonly #sent: Pick<KeyedBuckets, 'reserve' | 'waitMs'>;
  #lines = new Map<number, Line>();

  /** `sent`: bytes of replies by user. Several queues may share it. */
  constructor(limits: QueueLimits, sent: Pick<KeyedBuckets, 'reserve' | 'waitMs'>) {
    this.#limits = limits;
    this.#sent = sent;
  }

  /**
   * Work that is no longer wanted when its turn comes does not begin, and delays nobody behind it.
   * @throws AppError `rate_limited` if too much work of that user waits, `unavailable` for work that did not begin
   */
  async run<T>(userId: number, work: () => Promise<T>, kind: WorkKind = {}): Promise<T> {
    const { isWanted = () => true, isPage = false } = kind;
    const line = this.#lineOf(userId);
    await new Promise<void>((begin, reject) => {
      line.waiting.push({ begin, reject, isWanted, isPage });
      this.#advance(userId, line);
      if (line.waiting.length > this.#limits.mostWaiting)
        line.waiting.pop()?.reject(rateLimited(RETRY_AFTER_MS));
    });
    try {
      return await work();
    } finally {
      this.#end(userId, line, isPage);
    }
  }

  /** Call it within the turn of a page, with the size of the reply. */
  charge(userId: number, bytes: number): void {
    this.#sent.reserve(String(userId), bytes);
  }

  #lineOf(userId: number): Line {
    const known = this.#lines.get(userId);
    if (known) return known;
    const line = { done: 0, running: 0, pages: 0, waiting: [], timer: undefined };
    this.#lines.set(userId, line);
    return line;
  }

  /** Begins all work that may begin. */
  #advance(userId: number, line: Line): void {
    clearTimeout(line.timer);
    while (line.running < this.#placesOf(line)) {
      const next = this.#next(userId, line);
      if (!next) break;
      line.running += 1;
      if (next.isPage) line.pages += 1;
      next.begin();
    }
    if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(userId);
  }

  /**
   * The first wanted work that need not wait for the budget. If there is none, the budget is checked again once it is
   * paid.
   */
  #next(userId: number, line: Line): Waiting | undefined {
    const waitMs = line.waiting.some(({ isPage }) => isPage) ? this.#pageWaitMs(userId, line) : 0;
    const rest: Waiting[] = [];
    let next: Waiting | undefined;
    for (const one of line.waiting) {
      if (!one.isWanted()) one.reject(unwanted());
      else if (next || (one.isPage && waitMs > 0)) rest.push(one);
      else next = one;
    }
    line.waiting = rest;
    if (!next && rest.length > 0)
      line.timer = setTimeout(() => this.#advance(userId, line), waitMs);
    return next;
  }

  /** Running pages count as full ones. */
  #pageWaitMs(userId: number, { pages }: Line): number {
    return this.#sent.waitMs(String(userId), pages * LIMITS.pageBytes);
  }

  #end(userId: number, line: Line, isPage: boolean): void {
    line.done += 1;
    if (isPage) line.pages -= 1;
    const leave = () => {
      line.running -= 1;
      this.#advance(userId, line);
    };
    if (this.#isEager(line) && line.waiting.length > 0) setTimeout(leave, PAUSE_MS);
    else leave();
  }

  #isEager({ done }: Line): boolean {
    return done > EAGER && this.#limits.atOnce !== Number.POSITIVE_INFINITY;
  }

  #placesOf(line: Line): number {
    return this.#isEager(line) ? 1 : this.#limits.atOnce;
  }
}
