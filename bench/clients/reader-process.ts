import { setTimeout } from 'node:timers/promises';
import { quantile } from '../results.js';
import { serveCommands } from './serve-commands.js';

export interface Readers {
  /** What comes before the measurement, for so many streams. */
  prepare(url: string, count: number): Promise<void>;
  /** One stream to its end; calls for each packet with its bytes. */
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

/** One stream, as far as it has come. */
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

  /** With the silence since the last packet, which may be all that there is. */
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

/** Runs commands of the parent: a process of its own, so that reading costs the measured one nothing. */
export function serveReaders(readers: Readers): void {
  const running: Reading[] = [];

  /** Begins so many more, and waits until text of each has come. */
  const add = async ({ url, count, perSecond }: Order & { perSecond: number }) => {
    const more: Reading[] = [];
    for (let i = 0; i < count; i++) {
      more.push(new Reading(readers, url, running.length + i));
      await setTimeout(1_000 / perSecond);
    }
    running.push(...more);
    await Promise.all(more.map(({ begun }) => begun));
  };

  /** The p99 of the ms between packets of a stream, of all that run. */
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
