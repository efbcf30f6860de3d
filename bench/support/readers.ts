import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { ReadersReport } from '../clients/reader-process.js';

export interface ReaderProcess {
  prepare(url: string, count: number): Promise<void>;
  read(url: string, count: number): Promise<ReadersReport>;
  stop(): void;
}

/** Starts one of the programs in `bench/clients`. */
export async function startReaders(
  client: 'sse' | 'sockets',
  env: Record<string, string> = {},
): Promise<ReaderProcess> {
  const child = fork(new URL(`../clients/${client}.ts`, import.meta.url), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env },
  });
  await once(child, 'message');
  const order = async (command: object) => {
    child.send(command);
    const [answer] = await once(child, 'message');
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  return {
    prepare: (url, count) => order({ do: 'prepare', url, count }),
    read: (url, count) => order({ do: 'read', url, count }),
    stop: () => void child.kill(),
  };
}
