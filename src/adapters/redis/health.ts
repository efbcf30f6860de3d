import type { Logger } from '../../domain/logger.js';
import type { EngineHealth } from '../../ports/engine.js';
import type { Channels } from './channels.js';
import type { RedisClient } from './clients.js';
import type { Keys } from './keys.js';
import type { Shard, Shards } from './shards.js';

export interface BeatsDeps {
  client: RedisClient;
  shards: Shards;
  channels: Channels;
  keys: Keys;
  /** Whether other nodes hear theirs, as far as this one can know without Redis. */
  peersHear(): Promise<boolean>;
  logger: Logger;
}

interface Beat {
  channel: string;
  /** When the oldest beat was sent that has not come back; null when all have. */
  waitingSince: number | null;
  /** Whether one came back since the shard was last away. */
  heard: boolean;
  reconnectedAt: number;
}

type Verdict = 'ok' | 'degraded' | 'failed';

const BEAT_EVERY_MS = 1_000;
const DEAF_AFTER_MS = 3_000;

/**
 * Every second this node sends itself a beat through each shard, in the way that conversation events travel.
 *
 * `ok`: beats come back. `degraded`: commands to a shard fail, so Redis is away, or it has just come back.
 * `failed`: Redis answers commands, but no beat has come back for three seconds, so this node is deaf; or Redis is
 * away for this node while its peers hear. A deaf listener is reconnected.
 */
export class Beats implements EngineHealth {
  #deps: BeatsDeps;
  #beats = new Map<Shard, Beat>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: BeatsDeps) {
    this.#deps = deps;
    deps.shards.events.on('changed', () => this.#forgetGone());
  }

  /** Resolves when every shard's first beat has come back, or will not soon. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), BEAT_EVERY_MS);
    await Promise.all(this.#deps.shards.all().map((shard) => this.#listen(shard)));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async check(): Promise<Verdict> {
    const verdicts = this.#deps.shards.all().map((shard) => this.#verdict(shard));
    if (verdicts.includes('failed')) return 'failed';
    if (!verdicts.includes('degraded')) return 'ok';
    const peersHear = await this.#deps.peersHear().catch(() => false);
    return peersHear ? 'failed' : 'degraded';
  }

  #verdict(shard: Shard): Verdict {
    if (shard.circuit.open) return 'degraded';
    const beat = this.#beats.get(shard);
    if (beat && this.#isDeaf(beat)) return 'failed';
    return beat?.heard ? 'ok' : 'degraded';
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
      'deaf: redis answers, but beats do not come back',
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
      await shard.circuit.run(() => this.#deps.client.spublish(beat.channel, ''));
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
