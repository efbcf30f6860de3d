import { ConfigError, readEnv } from '../config/config.js';
import { App } from './app.js';
import { migrate, StartProblem } from './context.js';

/** Time after the drain until a node that has not exited is ended. */
const FORCE_AFTER_MS = 10_000;

/** Runs the process: a node, or with `migrate` the migrations. */
export function run(command: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  return begin(command, env).catch(fail);
}

async function begin(command: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  const config = readEnv(env);
  if (command === 'migrate') return migrate(config);
  const app = App.create(config);
  onSignals(app, config.generation.drainMs);
  await app.start();
}
/**
 * SIGTERM drains, and so does an administrator who asks for it. Ctrl-C does not wait for running answers, which
 * continue at the next start. A second signal ends the process at once.
 */
function onSignals(app: App, drainMs: number): void {
  let told = false;
  const end = (wait: number, code = 0) => {
    if (told) process.exit(1);
    told = true;
    setTimeout(() => process.exit(1), wait + FORCE_AFTER_MS).unref();
    app.stop(wait).then(
      () => process.exit(code),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', () => end(drainMs));
  process.on('SIGINT', () => end(0));
  // The supervisor restarts the process, which then waits for its turn.
  app.onOusted(() => end(0, 1));
  app.onDrainAsked(() => {
    if (!told) end(drainMs);
  });
}

function fail(error: unknown): void {
  const known = error instanceof ConfigError || error instanceof StartProblem;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
