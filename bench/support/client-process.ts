import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

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
  const path = fileURLToPath(new URL(`../clients/${program}.ts`, import.meta.url));
  const child = fork(path, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env },
  });
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
