import type { Socket } from 'node:net';
import type { FlushTimes } from '../../ports/completion-provider.js';

/** A socket with this high-water mark reads once, and then no more until its consumer asks. */
export const ONE_READ = { highWaterMark: 1 };
/** What one read takes at most, in bytes: after that many there is more. */
const FULL_READ = 65_536;

/**
 * On one connection to the model server. While it is metered, what comes waits in the system's buffer until text is
 * passed on next, and one read takes all of it: a read costs about as much as the handling of a token.
 */
export class Valve {
  readonly #times: FlushTimes;
  #metered = false;
  #deferred: (() => void) | undefined;

  constructor(times: FlushTimes) {
    this.#times = times;
  }

  /** For sockets with `ONE_READ`. The last one counts. */
  fit(socket: Socket): void {
    const read = socket._read.bind(socket);
    this.#deferred = undefined;
    this.#metered = false;
    let before = 0;
    socket._read = (size) => {
      const wasFull = socket.bytesRead - before >= FULL_READ;
      before = socket.bytesRead;
      if (this.#metered && !wasFull) this.#defer(() => read(size));
      else read(size);
    };
  }

  /** From now on, but for a read that is under way. */
  meter(): void {
    this.#metered = true;
  }

  /** From now on everything is read as it comes. */
  open(): void {
    this.#metered = false;
    this.#readNow();
  }

  #defer(read: () => void): void {
    const isKnown = this.#deferred !== undefined;
    this.#deferred = read;
    if (!isKnown) this.#times.beforeNext(() => this.#readNow());
  }

  #readNow(): void {
    const read = this.#deferred;
    this.#deferred = undefined;
    read?.();
  }
}
