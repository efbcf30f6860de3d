import { setTimeout } from 'node:timers/promises';
import { quantile } from '../../lab/quantile.js';
import { serveCommands } from './serve-commands.js';

export interface Readers {
  /** Work before the measurement, for this many streams. */
  prepare(url: string, count: number): Promise<void>;
  /** Reads one stream to its end. Calls back with the bytes of each packet. */
  read(url: string, index: number, onPacket: (bytes: number) => void): Promise<void>;
}

export interface ReadersReport {
  streams: number;
  packets: number;
  bytes: number;
}

interface Order {
  url: string;
  count: number;
}

/** One stream, as far as it has been read. */
class Reading {
  packets = 0;
  bytes = 0;
  /** Ms between packets since the last `reset`. */
  gaps: number[] = [];
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  #last = performance.now();

  constructor(readers: Readers, url: string, index: number) {
    let begin = () => {};
    const first = new Promise<void>((resolve) => {
      begin = resolve;
    });
    this.ended = readers.read(url, index, (bytes) => {
      begin();
      this.#packet(bytes);
    });
    this.begun = Promise.race([first, this.ended]);
  }

  reset(): void {
    this.gaps = [];
    this.#last = performance.now();
  }

  /** Includes the silence since the last packet, which may be the only one. */
  gapsUntilNow(): number[] {
    return [...this.gaps, performance.now() - this.#last];
  }

  #packet(bytes: number): void {
    const now = performance.now();
    this.gaps.push(now - this.#last);
    this.#last = now;
    this.packets += 1;
    this.bytes += bytes;
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function readAll(readers: Readers, { url, count }: Order): Promise<ReadersReport> {
  const all = Array.from({ length: count }, (_, index) => new Reading(readers, url, index));
  await Promise.all(all.map(({ ended }) => ended));
  return {
    streams: count,
    packets: sum(all.map(({ packets }) => packets)),
    bytes: sum(all.map(({ bytes }) => bytes)),
  };
}

/** Runs commands of the parent, in a separate process, so that reading costs the measured process nothing. */
export function serveReaders(readers: Readers): void {
  const running: Reading[] = [];

  /** Begins more streams, and waits until text of each has arrived. */
  const add = async ({ url, count, perSecond }: Order & { perSecond: number }) => {
    const more: Reading[] = [];
    for (let i = 0; i < count; i++) {
      more.push(new Reading(readers, url, running.length + i));
      await setTimeout(1_000 / perSecond);
    }
    running.push(...more);
    await Promise.all(more.map(({ begun }) => begun));
  };

  /** The p99 of the ms between packets of a stream, over all running streams. */
  const watch = async ({ ms }: { ms: number }) => {
    for (const reading of running) reading.reset();
    await setTimeout(ms);
    return quantile(
      running.flatMap((reading) => reading.gapsUntilNow()),
      0.99,
    );
  };

  serveCommands({
    prepare: ({ url, count }: Order) => readers.prepare(url, count),
    read: (order: Order) => readAll(readers, order),
    add,
    watch,
  });
}
