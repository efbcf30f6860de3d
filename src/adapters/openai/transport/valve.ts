import type { Socket } from 'node:net';
import type { FlushTimes } from '../../../ports/completion-provider.js';

/** A socket with this high-water mark reads once, and then only when its consumer asks. */
export const ONE_READ = { highWaterMark: 1 };
/** The most bytes that one read takes. After a full read there is more. */
const FULL_READ = 65_536;

/**
 * Meters one connection to the model server. Incoming data then waits in the system's buffer until the next flush,
 * and one read takes all of it: a read costs about as much as handling a token.
 */
export class Valve {
  readonly #times: FlushTimes;
  #metered = false;
  #deferred: (() => void) | undefined;

  constructor(times: FlushTimes) {
    this.#times = times;
  }

  /** Meters this socket, opened with `ONE_READ`, from now on, in place of an earlier one. */
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

  /** Meters all reads from now on, except one in progress. */
  meter(): void {
    this.#metered = true;
  }

  /** Reads everything as it arrives from now on. */
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
