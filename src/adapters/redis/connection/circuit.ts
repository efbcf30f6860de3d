import { afterReads } from '../../../domain/after-reads.js';
import type { OutageLog } from './outage-log.js';

/** Redis did not reply in time, or is known to be away. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface CircuitOptions {
  /** How long a command may take. */
  timeoutMs: number;
  /** A write that shows whether the shard is working again. */
  probe(): Promise<unknown>;
  /** Cuts a connection that may be dead without a sign. */
  reconnect(): void;
  onRecovered(): void;
  /** Called before every command, so that the commands of one turn of the event loop share a write. */
  batch(): void;
  /** Called with the time that a command took. */
  onReplied(ms: number): void;
  log: OutageLog;
}

interface Flight {
  reject(error: Error): void;
  dueAt: number;
}

const PROBE_EVERY_MS = 200;
/** The connection itself may be dead after this long without a reply. */
const RECONNECT_AFTER_MS = 3_000;
/** A server that is full or read-only is reachable: another connection would not help. */
const IS_THERE = /^-?(OOM|NOPERM|MISCONF|NOREPLICAS|ERR The user executing the script)\b/;
/** Such a server is tried less often: the pending writes may fill it again. */
const PROBE_FULL_EVERY_MS = 1_000;
/** Errors that concern the whole server, not one command. */
const SERVER_REFUSES =
  /^-?(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|OOM|NOAUTH|WRONGPASS|NOPERM|MISCONF|BUSY|NOREPLICAS|ERR The user executing the script)\b/;
/** A slot that is being moved to another master, or that no master has. The other slots of the shard work. */
const SLOT_REFUSED = /^(TRYAGAIN\b|CLUSTERDOWN Hash slot|Too many Cluster redirections)/;
const SLOT_AGAIN_AFTER_MS = 2_000;

/** Matches a script's result for one of its entries, too. */
export const isOfServer = (message: string): boolean => SERVER_REFUSES.test(message);

const isRefusal = (error: Error) => error.name === 'ReplyError' && !isOfServer(error.message);

/**
 * Commands to one shard with a deadline. When one fails because the server is away, all commands in progress fail in
 * their order, and new ones fail at once, until a probe succeeds. So no caller waits for a known outage, and no later
 * call overtakes an earlier one.
 */
export class Circuit {
  #options: CircuitOptions;
  #flights = new Set<Flight>();
  #cancelDeadline: (() => void) | null = null;
  #probing: NodeJS.Timeout | undefined;
  #open = false;
  #stopped = false;
  #doubtAt = 0;
  #slotAgain: NodeJS.Timeout | undefined;
  #cause = '';

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** True while the shard is known to be away. */
  get open(): boolean {
    return this.#open;
  }

  /** @throws Unreachable, or the server's refusal of this command */
  run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#open || this.#stopped) return Promise.reject(new Unreachable('redis is away'));
    return new Promise<T>((resolve, reject) => {
      const sentAt = performance.now();
      const flight = { reject, dueAt: sentAt + this.#options.timeoutMs };
      this.#flights.add(flight);
      this.#arm();
      this.#options.batch();
      command().then(
        (value) => {
          this.#flights.delete(flight);
          this.#options.onReplied(performance.now() - sentAt);
          resolve(value);
        },
        (error: Error) => this.#failed(flight, error),
      );
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelDeadline?.();
    clearTimeout(this.#probing);
    clearTimeout(this.#slotAgain);
    this.#failAll(new Unreachable('stopped'));
  }

  #failed(flight: Flight, error: Error): void {
    if (!this.#flights.has(flight)) return;
    if (SLOT_REFUSED.test(error.message)) {
      this.#flights.delete(flight);
      this.#slotRefused(error);
      flight.reject(new Unreachable('the slot is not served', { cause: error }));
    } else if (isRefusal(error)) {
      this.#flights.delete(flight);
      flight.reject(error);
    } else {
      this.#trip(error);
    }
  }

  /** There is no event when the slot works again, so only its callers try again at intervals. */
  #slotRefused(error: Error): void {
    this.#options.log.slotRefused(error);
    if (this.#slotAgain || this.#stopped) return;
    this.#slotAgain = setTimeout(() => {
      this.#slotAgain = undefined;
      if (!this.#open) this.#options.onRecovered();
    }, SLOT_AGAIN_AFTER_MS).unref();
  }

  #trip(cause: Error): void {
    this.#cause = cause.message;
    if (!this.#open && !this.#stopped) {
      this.#open = true;
      this.#doubtAt = performance.now() + RECONNECT_AFTER_MS;
      this.#options.log.failed(cause);
      this.#probeSoon();
    }
    this.#failAll(new Unreachable('redis is away', { cause }));
  }

  #failAll(error: Error): void {
    const flights = [...this.#flights];
    this.#flights.clear();
    for (const flight of flights) flight.reject(error);
  }

  /** One timer for all commands in progress: the oldest is due first. */
  #arm(): void {
    if (this.#cancelDeadline || this.#stopped) return;
    const [oldest] = this.#flights;
    if (!oldest) return;
    const delay = Math.max(0, oldest.dueAt - performance.now());
    this.#cancelDeadline = afterReads(() => this.#onDeadline(), delay);
  }

  #onDeadline(): void {
    this.#cancelDeadline = null;
    const [oldest] = this.#flights;
    if (oldest && oldest.dueAt <= performance.now()) this.#trip(new Unreachable('no answer'));
    this.#arm();
  }

  #probeSoon(): void {
    if (this.#stopped) return;
    const delay = IS_THERE.test(this.#cause) ? PROBE_FULL_EVERY_MS : PROBE_EVERY_MS;
    this.#probing = setTimeout(() => void this.#probe(), delay).unref();
  }

  async #probe(): Promise<void> {
    if (await this.#answers()) {
      this.#open = false;
      this.#options.log.recovered();
      this.#options.onRecovered();
      return;
    }
    const now = performance.now();
    if (now >= this.#doubtAt && !this.#stopped && !IS_THERE.test(this.#cause)) {
      this.#doubtAt = now + RECONNECT_AFTER_MS;
      this.#options.reconnect();
    }
    this.#probeSoon();
  }

  async #answers(): Promise<boolean> {
    let cancel = () => {};
    const failed = (why: string) => {
      this.#cause = why;
      return false;
    };
    const late = new Promise<boolean>((resolve) => {
      cancel = afterReads(() => resolve(failed('no answer')), this.#options.timeoutMs);
    });
    const probe = this.#options.probe().then(
      () => true,
      (error: Error) => failed(error.message),
    );
    const answer = await Promise.race([probe, late]);
    cancel();
    return answer && !this.#stopped;
  }
}
