import { setTimeout } from 'node:timers/promises';
import { serveCommands } from './serve-commands.js';

export interface ReaderResult {
  bytes: number;
  /** When each packet came, in ms. */
  times: number[];
}

export interface Readers {
  /** What comes before the measurement, for so many streams. */
  prepare(url: string, count: number): Promise<void>;
  /** One stream from its beginning to its end. */
  read(url: string, index: number): Promise<ReaderResult>;
}

interface Order {
  url: string;
  count: number;
  /** The time in which the streams begin, one after another. */
  spreadMs: number;
}

export interface ReadersReport {
  streams: number;
  packets: number;
  bytes: number;
  /** Ms between packets of one stream; of streams that begin one after another while all of them run. Null: that was never so. */
  gapP99: number | null;
}

/** Counts the packets of one stream. */
export function packetsOf() {
  const found: ReaderResult = { bytes: 0, times: [] };
  return {
    packet(bytes: number) {
      found.times.push(performance.now());
      found.bytes += bytes;
    },
    result: () => found,
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** From when the last stream has begun until the first ends. */
function together(results: readonly ReaderResult[]): [from: number, until: number] {
  const begun = results.map(({ times }) => times[0] ?? Number.NaN);
  const ended = results.map(({ times }) => times.at(-1) ?? Number.NaN);
  return [Math.max(...begun), Math.min(...ended)];
}

function gapsIn({ times }: ReaderResult, from: number, until: number): number[] {
  const within = times.filter((time) => time >= from && time <= until);
  return within.slice(1).map((time, i) => time - (within[i] ?? Number.NaN));
}

function report(results: readonly ReaderResult[], spreadMs: number): ReadersReport {
  const [from, until] = spreadMs > 0 ? together(results) : [0, Number.POSITIVE_INFINITY];
  const gaps = results.flatMap((result) => gapsIn(result, from, until)).sort((a, b) => a - b);
  return {
    streams: results.length,
    packets: sum(results.map(({ times }) => times.length)),
    bytes: sum(results.map(({ bytes }) => bytes)),
    gapP99: gaps[Math.floor(gaps.length * 0.99)] ?? null,
  };
}

/** Waits for all, also when one has failed: the next streams must not run beside these. */
async function readAll(readers: Readers, { url, count, spreadMs }: Order) {
  const one = async (index: number) => {
    await setTimeout((index * spreadMs) / count);
    return readers.read(url, index);
  };
  const streams = Array.from({ length: count }, (_, index) => one(index));
  await Promise.allSettled(streams);
  return Promise.all(streams);
}

/** Runs commands of the parent: a process of its own, so that reading costs the measured one nothing. */
export function serveReaders(readers: Readers): void {
  serveCommands({
    prepare: ({ url, count }: Order) => readers.prepare(url, count),
    read: async (order: Order) => report(await readAll(readers, order), order.spreadMs),
  });
}
