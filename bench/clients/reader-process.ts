import { serveCommands } from './serve-commands.js';

export interface ReaderResult {
  packets: number;
  bytes: number;
  /** Ms between packets of one stream. */
  gaps: number[];
}

export interface Readers {
  /** What comes before the measurement, for so many streams. */
  prepare(url: string, count: number): Promise<void>;
  read(url: string, count: number): Promise<ReaderResult[]>;
}

interface Order {
  url: string;
  count: number;
}

export interface ReadersReport {
  streams: number;
  packets: number;
  bytes: number;
  gapP99: number;
}

/** Counts the packets of one stream. */
export function gaps() {
  const found: ReaderResult = { packets: 0, bytes: 0, gaps: [] };
  let last = 0;
  return {
    packet(bytes: number) {
      const now = performance.now();
      if (last > 0) found.gaps.push(now - last);
      last = now;
      found.packets += 1;
      found.bytes += bytes;
    },
    result: () => found,
  };
}

function report(results: ReaderResult[]): ReadersReport {
  const all = results.flatMap(({ gaps: own }) => own).sort((a, b) => a - b);
  const sum = (of: (result: ReaderResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    streams: results.length,
    packets: sum(({ packets }) => packets),
    bytes: sum(({ bytes }) => bytes),
    gapP99: all[Math.floor(all.length * 0.99)] ?? Number.NaN,
  };
}

/** Runs commands of the parent: a process of its own, so that reading costs the measured one nothing. */
export function serveReaders(readers: Readers): void {
  serveCommands({
    prepare: ({ url, count }: Order) => readers.prepare(url, count),
    read: async ({ url, count }: Order) => report(await readers.read(url, count)),
  });
}
