import type { Shard, Shards } from './connection/shards.js';

export interface ChannelHandler {
  onMessage(text: string): void;
  /** The subscription was established late or restored: messages may have been missed. */
  onConfirmed(): void;
}

interface Channel {
  handler: ChannelHandler;
  shard: Shard;
}

/** Sharded subscriptions, each on the shard that holds its channel, even after the Cluster moves it. */
export class Channels {
  #shards: Shards;
  #channels = new Map<string, Channel>();

  constructor(shards: Shards) {
    this.#shards = shards;
    shards.events.on('message', (channel, text) => {
      this.#channels.get(channel)?.handler.onMessage(text);
    });
    shards.events.on('confirmed', (channel) => this.#channels.get(channel)?.handler.onConfirmed());
    shards.events.on('changed', () => this.#follow());
  }

  /** Resolves to whether Redis has confirmed it within the deadline. If not, `onConfirmed` follows once it has. */
  subscribe(channel: string, handler: ChannelHandler): Promise<boolean> {
    const shard = this.#shards.of(channel);
    this.#channels.set(channel, { handler, shard });
    return shard.listener.subscribe(channel);
  }

  unsubscribe(channel: string): void {
    this.#channels.get(channel)?.shard.listener.unsubscribe(channel);
    this.#channels.delete(channel);
  }

  #follow(): void {
    for (const [name, channel] of this.#channels) {
      const shard = this.#shards.of(name);
      if (shard === channel.shard) continue;
      channel.shard.listener.unsubscribe(name);
      channel.shard = shard;
      void this.#move(name, channel);
    }
  }

  async #move(name: string, channel: Channel): Promise<void> {
    const confirmed = await channel.shard.listener.subscribe(name);
    if (confirmed && this.#channels.get(name) === channel) channel.handler.onConfirmed();
  }
}
