import { createAdapter } from '@socket.io/redis-adapter';
import type { RedisTarget } from '../../config/redis-url.js';
import type { Logger } from '../../domain/logger.js';
import type { Subscription } from '../../ports/subscription.js';
import {
  openAdapterPublisher,
  openAdapterSubscriber,
  type RedisClient,
} from './connection/clients.js';
import { OutageLog } from './connection/outage-log.js';
import type { Keys } from './keys.js';
import { SocketBeat } from './socket-beat.js';

export type SocketAdapter = ReturnType<typeof createAdapter>;

export interface SocketAdapterOptions {
  target: RedisTarget;
  keys: Keys;
  timeoutMs: number;
  logger: Logger;
}

/**
 * Carries events for rooms of users and sessions between nodes: Socket.IO's own Redis adapter, on its own
 * connections.
 */
export class SocketBus {
  #options: SocketAdapterOptions;
  #publisher: RedisClient;
  #subscriber: RedisClient;
  #beat: SocketBeat;
  #listeners = new Set<() => void>();
  #wasLost = false;

  constructor(options: SocketAdapterOptions) {
    const { target, timeoutMs, keys, logger } = options;
    this.#options = options;
    this.#publisher = openAdapterPublisher(target, timeoutMs);
    this.#subscriber = openAdapterSubscriber(target);
    this.#watch(this.#publisher, 'adapter publisher');
    this.#watch(this.#subscriber, 'adapter subscriber');
    this.#subscriber.on('close', () => {
      this.#wasLost = true;
    });
    this.#subscriber.on('ready', () => this.#isBack());
    this.#beat = new SocketBeat({
      publisher: this.#publisher,
      subscriber: this.#subscriber,
      channel: keys.socketBeat,
      onMissed: () => this.#tell(),
      onDeaf: () => logger.warn({}, 'deaf: messages of the socket adapter do not come back'),
    });
  }

  /** None of the adapter's messages arrive yet, or any more, although Redis replies. */
  get deaf(): boolean {
    return this.#beat.deaf;
  }

  /** Resolves when the adapter's messages arrive, or should. */
  start(): Promise<void> {
    for (const client of [this.#publisher, this.#subscriber]) client.connect().catch(() => {});
    return this.#beat.start();
  }

  stop(): void {
    this.#beat.stop();
    this.#listeners.clear();
    for (const client of [this.#publisher, this.#subscriber]) client.disconnect();
  }

  adapter(): SocketAdapter {
    return createAdapter(this.#publisher, this.#subscriber, {
      key: this.#options.keys.sockets,
      publishOnSpecificResponseChannel: true,
    });
  }

  /** Called after the adapter was cut off: other nodes' messages in between are lost. */
  onReconnect(listener: () => void): Subscription {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  #isBack(): void {
    if (!this.#wasLost) return;
    this.#wasLost = false;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #watch(client: RedisClient, connection: string): void {
    const log = new OutageLog(this.#options.logger, { connection });
    client.on('error', (error) => log.failed(error));
    client.on('ready', () => log.recovered());
  }
}
