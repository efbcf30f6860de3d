import { fork } from 'node:child_process';
import { once } from 'node:events';
import { runnable } from './build.js';

export interface ClientProcess {
  /** @throws the error of the client process */
  order<T = void>(name: string, payload?: object): Promise<T>;
  stop(): void;
}

/** Starts one of the programs in `bench/clients`: clients cost the measured process only their packets. */
export async function startClients(
  program: string,
  env: Record<string, string> = {},
): Promise<ClientProcess> {
  const path = await runnable(`bench/clients/${program}.ts`);
  // The arguments that let this process run TypeScript are not for the child.
  const child = fork(path, { execArgv: [], env: { ...process.env, ...env } });
  await once(child, 'message');
  return {
    async order(name, payload = {}) {
      child.send({ name, payload });
      const [{ data, error }] = await once(child, 'message');
      if (error !== undefined) throw new Error(error);
      return data;
    },
    stop: () => void child.kill(),
  };
}
