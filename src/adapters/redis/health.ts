import { everyAfterReads } from '../../domain/after-reads.js';
import type { Logger } from '../../domain/logger.js';
import type { EngineHealth } from '../../ports/engine.js';
import type { Telemetry } from '../../ports/telemetry.js';
import type { Channels } from './channels.js';
import type { RedisClient } from './connection/clients.js';
import type { Shard, Shards } from './connection/shards.js';
import type { Keys } from './keys.js';

export interface BeatsDeps {
  client: RedisClient;
  shards: Shards;
  channels: Channels;
  keys: Keys;
  /** Whether another node has reported within the last `ms` that it hears its beats. Needs no Redis. */
  peersHear(ms: number): Promise<boolean>;
  /** Whether the Socket.IO adapter's messages arrive. */
  isBusDeaf(): boolean;
  logger: Logger;
  telemetry: Pick<Telemetry, 'relayed'>;
}

interface Beat {
  channel: string;
  /** When the oldest missing beat was sent; null if none is missing. */
  waitingSince: number | null;
  /** Whether a beat has come back since the shard was last away. */
  heard: boolean;
  reconnectedAt: number;
}

type Verdict = 'ok' | 'degraded' | 'failed';

const BEAT_EVERY_MS = 1_000;
const DEAF_AFTER_MS = 3_000;
const PROBE_TTL_S = 60;

/**
 * Every second this node sends itself a beat through each shard, on the path of conversation events.
 *
 * `ok`: beats come back. `degraded`: they come back for no node: Redis is away, or has just come back. `failed`: they
 * come back for the peers but not for this node. Either Redis is away for it alone, or Redis replies to commands but
 * no beat has come back for three seconds: this node is deaf. A deaf listener is reconnected.
 */
export class Beats implements EngineHealth {
  #deps: BeatsDeps;
  #beats = new Map<Shard, Beat>();
  #cancel = () => {};
  /** When beats were first found missing; null while they come back. */
  #lostAt: number | null = null;

  constructor(deps: BeatsDeps) {
    this.#deps = deps;
    deps.shards.events.on('changed', () => this.#forgetGone());
  }

  /** Resolves when every shard's first beat has come back or is overdue. */
  async start(): Promise<void> {
    this.#cancel = everyAfterReads(() => this.#tick(), BEAT_EVERY_MS);
    await Promise.all(this.#deps.shards.all().map((shard) => this.#listen(shard)));
  }

  stop(): void {
    this.#cancel();
  }

  /** What a peer reported before the loss says nothing: it may have died together with Redis. */
  async check(): Promise<Verdict> {
    const { shards, isBusDeaf, peersHear } = this.#deps;
    if (!isBusDeaf() && shards.all().every((shard) => this.#hears(shard))) {
      this.#lostAt = null;
      return 'ok';
    }
    const now = performance.now();
    this.#lostAt ??= now;
    const hear = await peersHear(now - this.#lostAt).catch(() => false);
    return hear ? 'failed' : 'degraded';
  }

  #hears(shard: Shard): boolean {
    const beat = this.#beats.get(shard);
    return !shard.circuit.open && beat?.heard === true && !this.#isDeaf(beat);
  }

  #isDeaf({ waitingSince }: Beat): boolean {
    return waitingSince !== null && performance.now() - waitingSince > DEAF_AFTER_MS;
  }

  #tick(): void {
    for (const shard of this.#deps.shards.all()) {
      const beat = this.#beats.get(shard);
      if (beat && this.#deps.shards.of(beat.channel) === shard) this.#keep(shard, beat);
      else void this.#listen(shard);
    }
  }

  #keep(shard: Shard, beat: Beat): void {
    if (this.#isDeaf(beat)) this.#reconnect(shard, beat);
    shard.listener.confirmAll();
    void this.#send(shard, beat);
  }

  #reconnect(shard: Shard, beat: Beat): void {
    const now = performance.now();
    if (now - beat.reconnectedAt < DEAF_AFTER_MS) return;
    beat.reconnectedAt = now;
    this.#deps.logger.warn(
      { redis: shard.name },
      'deaf: redis replies, but beats do not come back',
    );
    shard.listener.reconnect();
  }

  async #listen(shard: Shard): Promise<void> {
    this.#forget(shard);
    const channel = this.#deps.keys.beat(shard.tag);
    const beat: Beat = { channel, waitingSince: null, heard: false, reconnectedAt: 0 };
    this.#beats.set(shard, beat);
    let timer: NodeJS.Timeout | undefined;
    const first = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, BEAT_EVERY_MS);
      const onMessage = () => {
        const { waitingSince } = beat;
        if (waitingSince !== null)
          this.#deps.telemetry.relayed({ ms: performance.now() - waitingSince });
        beat.heard = true;
        beat.waitingSince = null;
        resolve();
      };
      const confirmed = this.#deps.channels.subscribe(channel, { onMessage, onConfirmed() {} });
      void confirmed.then(() => this.#send(shard, beat));
    });
    await first;
    clearTimeout(timer);
  }

  async #send(shard: Shard, beat: Beat): Promise<void> {
    beat.waitingSince ??= performance.now();
    try {
      // A server that is full or read-only still publishes.
      const { client, keys } = this.#deps;
      void shard.circuit
        .run(() => client.set(keys.probe(shard.tag), '1', 'EX', PROBE_TTL_S))
        .catch(() => {});
      await shard.circuit.run(() => client.spublish(beat.channel, ''));
    } catch {
      beat.heard = false;
      beat.waitingSince = null;
    }
  }

  #forget(shard: Shard): void {
    const beat = this.#beats.get(shard);
    if (!beat) return;
    this.#beats.delete(shard);
    this.#deps.channels.unsubscribe(beat.channel);
  }

  #forgetGone(): void {
    const there = new Set(this.#deps.shards.all());
    for (const shard of this.#beats.keys()) if (!there.has(shard)) this.#forget(shard);
  }
}
