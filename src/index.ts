import './config/home.js';

import { ConfigError, readEnv } from './config/config.js';
import { App } from './node/app.js';
import { migrate, StartProblem } from './node/context.js';

/** Time beyond the drain after which a node that does not end is ended. */
const FORCE_AFTER_MS = 10_000;

async function main(): Promise<void> {
  const config = readEnv(process.env);
  if (process.argv[2] === 'migrate') return migrate(config);
  const app = App.create(config);
  onSignals(app, config.generation.drainMs);
  await app.start();
}

/** SIGTERM drains; Ctrl-C does not wait for running answers, they go on at the next start; a second signal ends at once. */
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
  // Whoever keeps it running starts it again, and it waits for its turn.
  app.onOusted(() => end(0, 1));
}

function fail(error: unknown): void {
  const known = error instanceof ConfigError || error instanceof StartProblem;
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

main().catch(fail);
