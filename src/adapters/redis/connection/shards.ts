import { EventEmitter } from 'node:events';
import type { Cluster, Redis } from 'ioredis';
import type { RedisTarget } from '../../../config/redis-url.js';
import type { Logger } from '../../../domain/logger.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import type { Keys } from '../keys.js';
import { Circuit } from './circuit.js';
import { cut, openNode, openSingle, type RedisClient } from './clients.js';
import { Listener } from './listener.js';
import { OutageLog } from './outage-log.js';
import { slotOf, tagOf } from './slots.js';

/** One master: the deadline of its commands, and its subscriptions. */
export interface Shard {
  name: string;
  /** A hash tag whose keys are on this shard. */
  tag: string;
  circuit: Circuit;
  listener: Listener;
}

interface ShardEventMap {
  message: [channel: string, text: string];
  /** A subscription was restored or confirmed late: messages may have been missed. */
  confirmed: [channel: string];
  /** Keys may have moved to other shards. */
  changed: [];
  recovered: [];
}

export class ShardEvents extends EventEmitter<ShardEventMap> {}

export interface Shards {
  readonly events: ShardEvents;
  /** All keys are on one server, so a command may have keys of several conversations. */
  readonly together: boolean;
  of(key: string): Shard;
  all(): readonly Shard[];
  start(): Promise<void>;
  stop(): void;
}

export interface ShardOptions {
  target: RedisTarget;
  keys: Keys;
  timeoutMs: number;
  logger: Logger;
  telemetry: Pick<Telemetry, 'redisReplied'>;
}

interface Connections {
  /** The circuit's probe uses it, too, and must reach this shard. */
  client: RedisClient;
  subscriber: Redis;
  reconnect(listener: Listener): void;
  batch(): void;
  onMoved(): void;
}

const PROBE_TTL_S = 60;

function createShard(
  place: Pick<Shard, 'name' | 'tag'>,
  { client, subscriber, reconnect, batch, onMoved }: Connections,
  events: ShardEvents,
  { keys, timeoutMs, logger, telemetry }: ShardOptions,
): Shard {
  const handlers = {
    onMessage: (channel: string, text: string) => void events.emit('message', channel, text),
    onLateConfirm: (channel: string) => void events.emit('confirmed', channel),
    onMoved,
  };
  const log = new OutageLog(logger, { redis: place.name, connection: 'subscriber' });
  const listener = new Listener(subscriber, handlers, timeoutMs, log);
  const circuit = new Circuit({
    timeoutMs,
    probe: () => client.set(keys.probe(place.tag), '1', 'EX', PROBE_TTL_S),
    reconnect: () => reconnect(listener),
    batch,
    onReplied: (ms) => telemetry.redisReplied({ ms }),
    onRecovered: () => void events.emit('recovered'),
    log: new OutageLog(logger, { redis: place.name }),
  });
  return Object.assign(place, { circuit, listener });
}

/** Holds back writes to the stream until the running code has ended, so that one system call sends them all. */
function createBatch(streamOf: () => Redis['stream'] | undefined): () => void {
  let corked: Redis['stream'] | undefined;
  return () => {
    const stream = streamOf();
    if (!stream || stream === corked) return;
    corked = stream;
    stream.cork();
    process.nextTick(() => {
      if (corked === stream) corked = undefined;
      stream.uncork();
    });
  };
}

/** A new connection may reach another server or an older state, even if no command has failed. */
function tellReturns(client: Redis, onReturn: () => void): void {
  let wasLost = false;
  client.on('close', () => {
    wasLost = true;
  });
  client.on('ready', () => {
    if (wasLost) onReturn();
    wasLost = false;
  });
}

/** One Redis, or the master that Sentinels name. */
export function createSingleShard(client: Redis, options: ShardOptions): Shards {
  const events = new ShardEvents();
  const connections = {
    client,
    subscriber: openSingle(options.target),
    // If one connection is silent, so is the other.
    reconnect(listener: Listener) {
      cut(client);
      listener.reconnect();
    },
    batch: createBatch(() => client.stream),
    onMoved() {},
  };
  const shard = createShard({ name: 'redis', tag: 'all' }, connections, events, options);
  tellReturns(client, () => shard.circuit.open || events.emit('recovered'));
  return {
    events,
    together: true,
    of: () => shard,
    all: () => [shard],
    start: () => shard.listener.start(),
    stop() {
      shard.circuit.stop();
      shard.listener.stop();
    },
  };
}

/** The start and the owner of each range of slots. */
function mapOf({ slots }: Cluster): string {
  const runs: string[] = [];
  let before: string | undefined;
  for (let slot = 0; slot < slots.length; slot += 1) {
    const master = slots[slot]?.[0];
    if (master !== before) runs.push(`${slot} ${master}`);
    before = master;
  }
  return runs.join();
}

function hostOf(name: string) {
  const colon = name.lastIndexOf(':');
  return { host: name.slice(0, colon), port: Number(name.slice(colon + 1)) };
}

const UPDATE_EVERY_MS = 1_000;

/** The masters of a Cluster, from its slot map. Request a shard only after the client is ready. */
export class ClusterShards implements Shards {
  readonly events = new ShardEvents();
  readonly together = false;
  #client: Cluster;
  #options: ShardOptions;
  #shards = new Map<string, Shard>();
  #updating: NodeJS.Timeout | undefined;
  #map = '';
  #updatedAt = Number.NEGATIVE_INFINITY;

  constructor(client: Cluster, options: ShardOptions) {
    this.#client = client;
    this.#options = options;
  }

  of(key: string): Shard {
    const name = this.#client.slots[slotOf(key)]?.[0];
    const shard = this.#shards.get(name ?? '') ?? this.all()[0];
    if (!shard) throw new Error('the Cluster has no masters');
    return shard;
  }

  all(): readonly Shard[] {
    return [...this.#shards.values()];
  }

  async start(): Promise<void> {
    this.#client.on('refresh', () => this.#updateSoon());
    await this.#update();
  }

  stop(): void {
    this.#client.removeAllListeners('refresh');
    clearTimeout(this.#updating);
    for (const shard of this.#shards.values()) this.#close(shard);
  }

  /** Every command reads the map again while a slot is being moved. */
  #updateSoon(): void {
    const wait = this.#updatedAt + UPDATE_EVERY_MS - performance.now();
    const update = () =>
      this.#update().catch((err: unknown) => {
        this.#options.logger.error({ err }, 'the masters of the Redis Cluster are not followed');
      });
    if (wait <= 0 || this.#map !== mapOf(this.#client)) void update();
    else this.#updating ??= setTimeout(update, wait).unref();
  }

  async #update(): Promise<void> {
    clearTimeout(this.#updating);
    this.#updating = undefined;
    this.#updatedAt = performance.now();
    this.#map = mapOf(this.#client);
    // The array has holes where a slot has no master.
    const names = new Set(this.#client.slots.flatMap(([master]) => master ?? []));
    if (names.size === 0) return;
    const started = [...names].map((name) => this.#keep(name));
    const gone = [...this.#shards.values()].filter(({ name }) => !names.has(name));
    for (const { name } of gone) this.#shards.delete(name);
    this.events.emit('changed');
    for (const shard of gone) this.#close(shard);
    await Promise.all(started);
  }

  async #keep(name: string): Promise<void> {
    const shard = this.#shards.get(name);
    if (!shard) await this.#open(name);
    else if (this.of(shard.tag) !== shard) shard.tag = this.#tagOf(name);
  }

  #open(name: string): Promise<void> {
    const connections = {
      client: this.#client,
      subscriber: openNode(this.#options.target, hostOf(name)),
      reconnect: () => this.#reconnect(name),
      batch() {},
      onMoved: () => this.#client.refreshSlotsCache(),
    };
    const place = { name, tag: this.#tagOf(name) };
    const shard = createShard(place, connections, this.events, this.#options);
    this.#shards.set(name, shard);
    return shard.listener.start();
  }

  #close(shard: Shard): void {
    shard.circuit.stop();
    shard.listener.stop();
  }

  #reconnect(name: string): void {
    const node = this.#client.nodes('all').find(({ options }) => {
      return `${options.host}:${options.port}` === name;
    });
    node?.disconnect();
    this.#client.refreshSlotsCache();
  }

  #tagOf(name: string): string {
    return tagOf((slot) => this.#client.slots[slot]?.[0] === name);
  }
}
