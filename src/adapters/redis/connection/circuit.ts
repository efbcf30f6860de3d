import type { OutageLog } from './outage-log.js';

/** Redis did not answer in time, or is known to be away. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface CircuitOptions {
  /** How long a command may take. */
  timeoutMs: number;
  /** A write that shows whether the shard serves again. */
  probe(): Promise<unknown>;
  /** Cuts the connection, which may be dead without knowing it. */
  reconnect(): void;
  onRecovered(): void;
  /** Called before every command: lets those of one turn of the event loop share a write. */
  batch(): void;
  log: OutageLog;
}

interface Flight {
  reject(error: Error): void;
  dueAt: number;
}

const PROBE_EVERY_MS = 200;
/** With no answer for this long, the connection itself is doubted. */
const RECONNECT_AFTER_MS = 3_000;
/** A server that is full, or may not write, is there: another connection would change nothing. */
const IS_THERE = /^-?(OOM|NOPERM|MISCONF|NOREPLICAS|ERR The user executing the script)\b/;
/** Then it is asked less often: what is owed to it may be what fills it again. */
const PROBE_FULL_EVERY_MS = 1_000;
/** Answers that concern the whole server, not one command. */
const SERVER_REFUSES =
  /^-?(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|OOM|NOAUTH|WRONGPASS|NOPERM|MISCONF|BUSY|NOREPLICAS|ERR The user executing the script)\b/;
/** A slot that is half moved to another master, or that none has: the others of the shard are served. */
const SLOT_REFUSED = /^(TRYAGAIN\b|CLUSTERDOWN Hash slot|Too many Cluster redirections)/;
const SLOT_AGAIN_AFTER_MS = 2_000;

/** Of what a script answers about one of its entries, too. */
export const isOfServer = (message: string): boolean => SERVER_REFUSES.test(message);

const isRefusal = (error: Error) => error.name === 'ReplyError' && !isOfServer(error.message);

/**
 * Commands to one shard with a deadline. The first that fails for want of the server fails all that are under
 * way, in their order, and from then on every one at once, until a probe succeeds: so no caller waits for a
 * known outage, and no later call overtakes an earlier one.
 */
export class Circuit {
  #options: CircuitOptions;
  #flights = new Set<Flight>();
  #deadline: NodeJS.Timeout | undefined;
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

  /** @throws Unreachable, or the server's refusal of this very command. */
  run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#open || this.#stopped) return Promise.reject(new Unreachable('redis is away'));
    return new Promise<T>((resolve, reject) => {
      const flight = { reject, dueAt: performance.now() + this.#options.timeoutMs };
      this.#flights.add(flight);
      this.#arm();
      this.#options.batch();
      command().then(
        (value) => {
          this.#flights.delete(flight);
          resolve(value);
        },
        (error: Error) => this.#failed(flight, error),
      );
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#deadline);
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

  /** Nobody tells when it is whole again, so those who wait for it try now and then, and only they. */
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

  /** One timer for all that are under way: the oldest is due first. */
  #arm(): void {
    if (this.#deadline || this.#stopped) return;
    const [oldest] = this.#flights;
    if (!oldest) return;
    const delay = Math.max(0, oldest.dueAt - performance.now());
    this.#deadline = setTimeout(() => setImmediate(() => this.#onDeadline()), delay).unref();
  }

  /** Called after the sockets were read: a busy event loop must not be taken for a silent Redis. */
  #onDeadline(): void {
    this.#deadline = undefined;
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
    let timer: NodeJS.Timeout | undefined;
    const failed = (why: string) => {
      this.#cause = why;
      return false;
    };
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(failed('no answer')), this.#options.timeoutMs).unref();
    });
    const probe = this.#options.probe().then(
      () => true,
      (error: Error) => failed(error.message),
    );
    const answer = await Promise.race([probe, late]);
    clearTimeout(timer);
    return answer && !this.#stopped;
  }
}
