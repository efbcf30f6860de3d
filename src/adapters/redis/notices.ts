import type { Logger } from '../../domain/logger.js';
import type { NodeNotice, NodeNotices } from '../../ports/node-notices.js';
import type { Subscription } from '../../ports/subscription.js';
import type { Channels } from './channels.js';
import type { RedisClient } from './connection/clients.js';
import type { Shards } from './connection/shards.js';

export interface NoticesDeps {
  client: RedisClient;
  shards: Shards;
  channels: Channels;
  channel: string;
  nodeId: string;
  logger: Logger;
  /** Another node has lost track of events that it failed to publish. */
  onResyncAll(): void;
}

/** Null: resynchronise all readers. */
interface Envelope {
  origin: string;
  notice: NodeNotice | null;
}

/** Notices between nodes on one channel. This node's own listeners get them directly, even without Redis. */
export class RedisNotices implements NodeNotices {
  #deps: NoticesDeps;
  #listeners = new Set<(notice: NodeNotice) => void>();

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  /** Resolves to whether notices of other nodes arrive yet. */
  start(): Promise<boolean> {
    const { channels, channel } = this.#deps;
    return channels.subscribe(channel, {
      onMessage: (text) => this.#receive(text),
      onConfirmed() {},
    });
  }

  async send(notice: NodeNotice): Promise<void> {
    this.#tell(notice);
    await this.#publish(notice).catch((error: unknown) => {
      this.#deps.logger.debug({ err: error, notice: notice.type }, 'notice not published');
    });
  }

  onNotice(listener: (notice: NodeNotice) => void): Subscription {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  /** Tells every other node to resynchronise all its readers. Rejects if that could not be published. */
  resyncOthers(): Promise<void> {
    return this.#publish(null);
  }

  async #publish(notice: NodeNotice | null): Promise<void> {
    const { client, shards, channel, nodeId } = this.#deps;
    const envelope: Envelope = { origin: nodeId, notice };
    const text = JSON.stringify(envelope);
    await shards.of(channel).circuit.run(() => client.spublish(channel, text));
  }

  #tell(notice: NodeNotice): void {
    for (const listener of [...this.#listeners]) listener(notice);
  }

  #receive(text: string): void {
    try {
      const { origin, notice }: Envelope = JSON.parse(text);
      if (origin === this.#deps.nodeId) return;
      if (notice) this.#tell(notice);
      else this.#deps.onResyncAll();
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'notice of another node failed');
    }
  }
}
