import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../random.js';
import { openWanderingWay, type WanderingWay } from '../stores/wandering-way.js';
import { Reader } from './reader.js';
import type { Account } from './rest.js';

/** Longest time that a nomad stays connected, and away. */
const STAY_MS = 12_000;
const AWAY_MS = 2_000;

/** A reader that loses its connection again and again, and reconnects to some node. */
export class Nomad {
  readonly reader: Reader;
  /** Texts that did not continue the one before. */
  readonly faults: string[] = [];
  drops = 0;
  #way: WanderingWay;
  #random: () => number;

  static async create(ports: readonly number[], account: Account, seed: number) {
    const [random, place] = [seeded(seed), seeded(-seed)];
    const way = await openWanderingWay(() => ports[Math.floor(place() * ports.length)] ?? 0);
    return new Nomad(way, account, random);
  }

  private constructor(way: WanderingWay, account: Account, random: () => number) {
    this.#way = way;
    this.#random = random;
    this.reader = new Reader(way.url, account);
  }

  /** Reads a conversation's last answer, whose text may only grow. */
  follow(conversationId: number): void {
    let shown = '';
    this.reader.client.open(conversationId).subscribe(({ messages }) => {
      const last = messages.at(-1);
      if (last?.role !== 'assistant') return;
      if (!last.content.startsWith(shown)) this.faults.push(`${shown}|${last.content}`);
      shown = last.content;
    });
  }

  /** Half of the drops are clean; the others break the connection under the client. */
  async wander(forMs: number): Promise<void> {
    const { client } = this.reader;
    const until = performance.now() + forMs;
    for (;;) {
      const [stayMs, awayMs] = [this.#random() * STAY_MS, this.#random() * AWAY_MS];
      const clean = this.#random() < 0.5;
      if (performance.now() + stayMs + awayMs > until) return;
      await sleep(stayMs);
      this.drops += 1;
      if (clean) client.disconnect();
      else this.#way.tear();
      await sleep(awayMs);
      client.connect();
    }
  }

  async stop(): Promise<void> {
    this.reader.close();
    await this.#way.stop();
  }
}
