import { LIMITS } from '../../contract/limits.js';
import { type AppError, rateLimited, unavailable } from '../../model/errors.js';
import type { AddressBuckets } from './address-buckets.js';

export interface QueueLimits {
  /** Of one user; Infinity: off. */
  atOnce: number;
  mostWaiting: number;
}

/** What may be said of work that takes a turn. */
export interface WorkKind {
  isWanted?: () => boolean;
  /** Its answer may be large: it also waits until what the user was sent before is paid for. */
  isPage?: boolean;
}

interface Line {
  /** Since the user's last rest. */
  done: number;
  running: number;
  /** Of those that run. */
  pages: number;
  waiting: Waiting[];
  timer: NodeJS.Timeout | undefined;
}

interface Waiting extends Required<WorkKind> {
  begin: () => void;
  reject: (error: AppError) => void;
}

const RETRY_AFTER_MS = 1_000;
/** Whoever has had so many turns without a rest gets the next ones one by one, with pauses between them. */
const EAGER = 20;
const PAUSE_MS = 20;

/** For work that was never begun. */
export const unwanted = () => unavailable(new Error('nobody waits for it any more'));

/**
 * Lets each user have so much done at once, in order, so that none takes all connections to the database. Pages wait for
 * the user's budget of bytes besides, so that none takes the event loop; what is no page goes past them.
 */
export class UserQueue {
  readonly #limits: QueueLimits;
  readonly #sent: Pick<AddressBuckets, 'reserve' | 'waitMs'>;
  #lines = new Map<number, Line>();

  /** `sent`: bytes of answers by user; several lines may share it. */
  constructor(limits: QueueLimits, sent: Pick<AddressBuckets, 'reserve' | 'waitMs'>) {
    this.#limits = limits;
    this.#sent = sent;
  }

  /**
   * Work that is not wanted any more when its turn comes is not begun, and holds up none behind it.
   * @throws AppError `rate_limited` when too much of that user waits, `unavailable` for what was not begun
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

  /** Call it within the turn of a page, with the size of its answer. */
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

  /** Begins whatever may begin. */
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

  /** The first that is wanted and need not wait for the budget, which is asked again when it is paid for. */
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

  /** Pages that run are taken to be as large as they usually may be. */
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
