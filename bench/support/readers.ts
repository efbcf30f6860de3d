import type { ReadersReport } from '../clients/reader-process.js';
import { startClients } from './client-process.js';

export interface ReaderProcess {
  prepare(url: string, count: number): Promise<void>;
  /** All at once, or one after another within `spreadMs`. */
  read(url: string, count: number, spreadMs?: number): Promise<ReadersReport>;
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
    read: (url, count, spreadMs = 0) => order('read', { url, count, spreadMs }),
    stop,
  };
}
