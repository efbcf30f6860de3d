import type { Redis } from 'ioredis';
import { cut } from './clients.js';
import type { OutageLog } from './outage-log.js';

export interface ListenerHandlers {
  onMessage(channel: string, text: string): void;
  /** Redis confirmed a subscription that no caller of `subscribe` waits for any more: messages may have been missed. */
  onLateConfirm(channel: string): void;
  /** The channel has moved to another shard. */
  onMoved(): void;
}

interface Wanted {
  confirmed: boolean;
  /** A command that has had no answer yet. */
  asking: Promise<boolean> | null;
}

/** A Cluster ends the subscriptions of a slot that it gives away; ioredis takes that for an answer to no question. */
const UNASKED = /^Command queue state error/;

/** One connection's sharded subscriptions, kept through every loss of the connection. */
export class Listener {
  #redis: Redis;
  #handlers: ListenerHandlers;
  #timeoutMs: number;
  #wanted = new Map<string, Wanted>();
  #stopped = false;

  constructor(redis: Redis, handlers: ListenerHandlers, timeoutMs: number, log: OutageLog) {
    this.#redis = redis;
    this.#handlers = handlers;
    this.#timeoutMs = timeoutMs;
    redis.on('smessage', (channel: string, text: string) => handlers.onMessage(channel, text));
    redis.on('moved', () => handlers.onMoved());
    redis.on('error', (error) => {
      if (UNASKED.test(error.message)) handlers.onMoved();
      else log.failed(error);
    });
    redis.on('close', () => this.#lost());
    redis.on('ready', () => {
      log.recovered();
      this.confirmAll();
    });
  }

  /** Resolves when the first attempt to connect has ended, well or not; others follow. */
  async start(): Promise<void> {
    await this.#redis.connect().catch(() => {});
  }

  stop(): void {
    this.#stopped = true;
    this.#wanted.clear();
    this.#redis.disconnect();
  }

  /** Cuts the connection; it comes back by itself, with all subscriptions. */
  reconnect(): void {
    if (!this.#stopped) cut(this.#redis);
  }

  /** Resolves to whether Redis has confirmed it; if not, it is asked again for as long as the channel is wanted. */
  async subscribe(channel: string): Promise<boolean> {
    const wanted: Wanted = { confirmed: false, asking: null };
    this.#wanted.set(channel, wanted);
    return this.#ask(channel, wanted);
  }

  unsubscribe(channel: string): void {
    if (!this.#wanted.delete(channel) || this.#redis.status !== 'ready') return;
    this.#redis.sunsubscribe(channel).catch(() => {});
  }

  isConfirmed(channel: string): boolean {
    return this.#wanted.get(channel)?.confirmed ?? false;
  }

  /** Asks again for every subscription that Redis has not confirmed. */
  confirmAll(): void {
    for (const [channel, wanted] of this.#wanted) {
      if (!wanted.confirmed && !wanted.asking) void this.#confirmLate(channel, wanted);
    }
  }

  async #confirmLate(channel: string, wanted: Wanted): Promise<void> {
    if (await this.#ask(channel, wanted)) this.#handlers.onLateConfirm(channel);
  }

  async #ask(channel: string, wanted: Wanted): Promise<boolean> {
    if (this.#redis.status !== 'ready') return false;
    const asking = this.#confirm(channel);
    wanted.asking = asking;
    const confirmed = await asking;
    if (wanted.asking !== asking || this.#wanted.get(channel) !== wanted) return false;
    wanted.asking = null;
    wanted.confirmed = confirmed;
    return confirmed;
  }

  /** A subscription that was redirected is never answered at all: hence the deadline. */
  #confirm(channel: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), this.#timeoutMs).unref();
      const settle = (confirmed: boolean) => {
        clearTimeout(timer);
        resolve(confirmed);
      };
      this.#redis.ssubscribe(channel).then(
        () => settle(true),
        () => settle(false),
      );
    });
  }

  #lost(): void {
    for (const wanted of this.#wanted.values()) {
      wanted.confirmed = false;
      wanted.asking = null;
    }
  }
}
