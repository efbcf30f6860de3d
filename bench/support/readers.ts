import type { ReadersReport } from '../clients/reader-process.js';
import { startClients } from './client-process.js';

export interface ReaderProcess {
  prepare(url: string, count: number): Promise<void>;
  read(url: string, count: number): Promise<ReadersReport>;
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
    stop,
  };
}
