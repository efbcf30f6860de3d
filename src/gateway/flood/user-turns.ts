import { rateLimited } from '../../domain/errors.js';

interface Line {
  /** Since the user's last rest. */
  done: number;
  running: number;
  waiting: (() => void)[];
}

const RETRY_AFTER_MS = 1_000;
/** Whoever has had so many turns without a rest gets the next ones one by one, with pauses between them. */
const EAGER = 20;
const PAUSE_MS = 20;

/** Lets each user have so much done at once, in order, so that none takes all connections to the database. */
export class UserTurns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #lines = new Map<number, Line>();

  /** `atOnce` of Infinity: off. */
  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws AppError `rate_limited` when too much of that user waits */
  async run<T>(userId: number, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(userId) ?? { done: 0, running: 0, waiting: [] };
    this.#lines.set(userId, line);
    await this.#turn(line);
    try {
      return await work();
    } finally {
      this.#next(userId, line);
    }
  }

  async #turn(line: Line): Promise<void> {
    if (line.running < this.#placesOf(line)) {
      line.running += 1;
      return;
    }
    if (line.waiting.length >= this.#mostWaiting) throw rateLimited(RETRY_AFTER_MS);
    await new Promise<void>((resolve) => line.waiting.push(resolve));
  }

  /** The place is handed on, so that nobody overtakes. */
  #next(userId: number, line: Line): void {
    line.done += 1;
    const waiting = line.running > this.#placesOf(line) ? undefined : line.waiting.shift();
    if (waiting && line.done > EAGER) setTimeout(waiting, PAUSE_MS);
    else if (waiting) waiting();
    else line.running -= 1;
    if (line.running === 0) this.#lines.delete(userId);
  }

  #placesOf({ done }: Line): number {
    return done > EAGER && this.#atOnce !== Number.POSITIVE_INFINITY ? 1 : this.#atOnce;
  }
}
