import { readEnv } from '../config/config.js';
import { App } from './app.js';
import { migrate } from './context.js';
import { fail } from './fail.js';
import { endOnSignals } from './signals.js';

/** Runs the process: a node, or with `migrate` the migrations. */
export function run(command: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  return begin(command, env).catch(fail);
}

async function begin(command: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  const config = readEnv(env);
  if (command === 'migrate') return migrate(config);
  const app = App.create(config);
  endOnSignals(app, config.generation.drainMs, process);
  await app.start();
}
