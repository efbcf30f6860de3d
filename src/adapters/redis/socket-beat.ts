import { everyAfterReads } from '../../domain/after-reads.js';
import { cut, type RedisClient } from './connection/clients.js';

export interface SocketBeatOptions {
  publisher: RedisClient;
  subscriber: RedisClient;
  /** A channel that only this node hears. */
  channel: string;
  /** Recent messages may have been missed. */
  onMissed(): void;
  onDeaf(): void;
}

const BEAT_EVERY_MS = 1_000;
const DEAF_AFTER_MS = 3_000;

/**
 * Checks whether published messages still come back. A frozen server, or a network that drops packets, leaves both
 * connections open, and with a Cluster ioredis moves a subscription to another master without notice.
 */
export class SocketBeat {
  #options: SocketBeatOptions;
  #cancel = () => {};
  #sent = 0;
  #heard = 0;
  #waitingSince: number | null = null;
  #deaf = true;
  #onFirst = () => {};

  constructor(options: SocketBeatOptions) {
    this.#options = options;
    options.subscriber.on('message', (channel: string, text: string) => {
      if (channel === options.channel) this.#onBeat(Number(text));
    });
    // A closed connection and its return are reported anyway.
    options.subscriber.on('close', () => {
      this.#heard = 0;
      this.#waitingSince = null;
    });
  }

  /** Nothing has come back yet, or for some time although the connections are open. */
  get deaf(): boolean {
    return this.#deaf;
  }

  /** Resolves when the first beat has come back or is overdue. */
  async start(): Promise<void> {
    const { subscriber, channel } = this.#options;
    this.#cancel = everyAfterReads(() => this.#beat(), BEAT_EVERY_MS);
    let overdue: NodeJS.Timeout | undefined;
    const first = new Promise<void>((resolve) => {
      this.#onFirst = resolve;
      overdue = setTimeout(resolve, BEAT_EVERY_MS);
    });
    subscriber.subscribe(channel).then(
      () => this.#beat(),
      () => {},
    );
    await first;
    clearTimeout(overdue);
  }

  stop(): void {
    this.#cancel();
  }

  /** A connection that notices its loss reconnects by itself. */
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

  /** A number that was not published is reused, since nothing was missed. */
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
    this.#onFirst();
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
