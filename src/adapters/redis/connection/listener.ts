import type { Redis } from 'ioredis';
import { afterReads } from '../../../domain/after-reads.js';
import { cut } from './clients.js';
import type { OutageLog } from './outage-log.js';

export interface ListenerHandlers {
  onMessage(channel: string, text: string): void;
  /** Redis confirmed a subscription after its caller had stopped waiting: messages may have been missed. */
  onLateConfirm(channel: string): void;
  /** The channel has moved to another shard. */
  onMoved(): void;
}

interface Wanted {
  confirmed: boolean;
  /** A command without a reply yet. */
  asking: Promise<boolean> | null;
}

/** A Cluster ends the subscriptions of a slot that it moves away. ioredis takes that for an unexpected reply. */
const UNASKED = /^Command queue state error/;

/** The sharded subscriptions of one connection, restored after every loss of the connection. */
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

  /** Resolves when the first attempt to connect has ended, successful or not. Others follow. */
  async start(): Promise<void> {
    await this.#redis.connect().catch(() => {});
  }

  stop(): void {
    this.#stopped = true;
    this.#wanted.clear();
    this.#redis.disconnect();
  }

  /** Cuts the connection. It reconnects by itself, with all subscriptions. */
  reconnect(): void {
    if (!this.#stopped) cut(this.#redis);
  }

  /**
   * Resolves to whether Redis has confirmed the subscription. If not, it is requested again as long as it is wanted.
   */
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

  /** Requests again every subscription that Redis has not confirmed. */
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

  /** A redirected subscription never gets a reply: hence the deadline. */
  #confirm(channel: string): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = afterReads(() => resolve(false), this.#timeoutMs);
      const settle = (confirmed: boolean) => {
        cancel();
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
