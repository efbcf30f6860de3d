import { cut, type RedisClient } from './connection/clients.js';

export interface SocketBeatOptions {
  publisher: RedisClient;
  subscriber: RedisClient;
  /** Heard by this node alone. */
  channel: string;
  /** What was sent lately may have been missed. */
  onMissed(): void;
  onDeaf(): void;
}

const BEAT_EVERY_MS = 1_000;
const DEAF_AFTER_MS = 3_000;

/**
 * Finds out whether what is published still comes back. A server that froze, or a way that swallows packets, leaves
 * both connections open, and with a Cluster ioredis moves a subscription to another master without a word.
 */
export class SocketBeat {
  #options: SocketBeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #heard = 0;
  #waitingSince: number | null = null;
  #deaf = false;

  constructor(options: SocketBeatOptions) {
    this.#options = options;
    options.subscriber.on('message', (channel: string, text: string) => {
      if (channel === options.channel) this.#onBeat(Number(text));
    });
    // Its end and its return are told anyway.
    options.subscriber.on('close', () => {
      this.#heard = 0;
      this.#waitingSince = null;
    });
  }

  /** Nothing has come back for some time, though the connections stand. */
  get deaf(): boolean {
    return this.#deaf;
  }

  start(): void {
    this.#options.subscriber.subscribe(this.#options.channel).catch(() => {});
    this.#timer = setInterval(() => this.#beat(), BEAT_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A connection that knows of its loss is made anew by itself. */
  #beat(): void {
    const { publisher, subscriber, channel } = this.#options;
    if (publisher.status !== 'ready' || subscriber.status !== 'ready') {
      this.#waitingSince = null;
      return;
    }
    const now = performance.now();
    this.#waitingSince ??= now;
    if (now - this.#waitingSince > DEAF_AFTER_MS) this.#reconnect();
    else void this.#send(publisher, channel);
  }

  /** A number that was not published is used again: nothing was missed then. */
  async #send(publisher: RedisClient, channel: string): Promise<void> {
    const number = this.#sent + 1;
    try {
      await publisher.publish(channel, String(number));
      this.#sent = number;
    } catch {}
  }

  #onBeat(number: number): void {
    const missed = number > this.#heard + 1 && this.#heard > 0;
    this.#heard = number;
    this.#waitingSince = null;
    this.#deaf = false;
    if (missed) this.#options.onMissed();
  }

  #reconnect(): void {
    this.#waitingSince = null;
    this.#deaf = true;
    this.#options.onDeaf();
    cut(this.#options.publisher);
    cut(this.#options.subscriber);
  }
}
