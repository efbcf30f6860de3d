import type { ReadersReport } from '../clients/reader-process.js';
import { startClients } from './client-process.js';

export interface ReaderProcess {
  prepare(url: string, count: number): Promise<void>;
  /** Reads this many at once, to their ends. */
  read(url: string, count: number): Promise<ReadersReport>;
  /** Begins this many more, and resolves when text of each has arrived. */
  add(url: string, count: number, perSecond: number): Promise<void>;
  /** The p99 of the time between packets of a stream, in ms. */
  watch(ms: number): Promise<number>;
  stop(): void;
}

/** Starts readers of streams: of server-sent events, or of the product's sockets. */
export async function startReaders(
  program: 'sse' | 'sockets',
  env: Record<string, string> = {},
): Promise<ReaderProcess> {
  const { order, stop } = await startClients(program, env);
  return {
    prepare: (url, count) => order('prepare', { url, count }),
    read: (url, count) => order('read', { url, count }),
    add: (url, count, perSecond) => order('add', { url, count, perSecond }),
    watch: (ms) => order('watch', { ms }),
    stop,
  };
}
