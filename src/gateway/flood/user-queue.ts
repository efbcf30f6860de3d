import { rateLimited, unavailable } from '../../model/errors.js';

interface Line {
  /** Since the user's last rest. */
  done: number;
  running: number;
  waiting: Waiting[];
}

interface Waiting {
  begin: () => void;
  drop: () => void;
  isWanted: () => boolean;
}

const RETRY_AFTER_MS = 1_000;
/** Whoever has had so many turns without a rest gets the next ones one by one, with pauses between them. */
const EAGER = 20;
const PAUSE_MS = 20;

/** For work that was never begun. */
export const unwanted = () => unavailable(new Error('nobody waits for it any more'));

/** Lets each user have so much done at once, in order, so that none takes all connections to the database. */
export class UserQueue {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #lines = new Map<number, Line>();

  /** `atOnce` of Infinity: off. */
  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Work that is not wanted any more when its turn comes is not begun, and holds up none behind it.
   * @throws AppError `rate_limited` when too much of that user waits, `unavailable` for what was not begun
   */
  async run<T>(
    userId: number,
    work: () => Promise<T>,
    isWanted: () => boolean = () => true,
  ): Promise<T> {
    const line = this.#lines.get(userId) ?? { done: 0, running: 0, waiting: [] };
    this.#lines.set(userId, line);
    await this.#turn(line, isWanted);
    try {
      return await work();
    } finally {
      this.#next(userId, line);
    }
  }

  async #turn(line: Line, isWanted: () => boolean): Promise<void> {
    if (line.running < this.#placesOf(line)) {
      line.running += 1;
      return;
    }
    if (line.waiting.length >= this.#mostWaiting) throw rateLimited(RETRY_AFTER_MS);
    await new Promise<void>((begin, reject) => {
      line.waiting.push({ begin, drop: () => reject(unwanted()), isWanted });
    });
  }

  /** The place is handed on, so that nobody overtakes. */
  #next(userId: number, line: Line): void {
    line.done += 1;
    const next = line.running > this.#placesOf(line) ? undefined : firstWanted(line);
    if (next && line.done > EAGER) setTimeout(next.begin, PAUSE_MS);
    else if (next) next.begin();
    else line.running -= 1;
    if (line.running === 0) this.#lines.delete(userId);
  }

  #placesOf({ done }: Line): number {
    return done > EAGER && this.#atOnce !== Number.POSITIVE_INFINITY ? 1 : this.#atOnce;
  }
}

function firstWanted({ waiting }: Line): Waiting | undefined {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if (next.isWanted()) return next;
    next.drop();
  }
  return undefined;
}
