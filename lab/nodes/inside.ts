import { EventEmitter, once } from 'node:events';
import { readEnv } from '../../src/config/config.js';
import { App } from '../../src/node/app.js';
import { createLogger } from '../../src/node/logger.js';
import { LogLines } from './log-lines.js';
import { type Exit, type Product, QUICK_ENV } from './process.js';
import { sharedHasher } from './shared-hasher.js';

/** Time for the answers that run, as `src/node/run.ts` gives it. No other signal exists inside a process. */
const drainOf = (signal: NodeJS.Signals, drainMs: number): number => {
  if (signal === 'SIGTERM') return drainMs;
  if (signal === 'SIGINT') return 0;
  throw new Error(`${signal} needs a node that is a process`);
};

/**
 * A node in the process of the test, with the settings that `startProduct` would give to a separate one. It costs a
 * tenth of that, but cannot be killed or frozen.
 */
export async function startInside(env: Record<string, string>): Promise<Product> {
  const config = readEnv({ ...QUICK_ENV, ...env });
  const lines = new LogLines();
  const logger = createLogger(config.log, { write: (text) => lines.add(text) });
  const app = App.create(config, { logger, ...sharedHasher(config) });
  await app.start();
  const told = new EventEmitter<{ end: [drainMs: number] }>();
  let ended = false;
  const exit = once(told, 'end').then(async ([drainMs]): Promise<Exit> => {
    await app.stop(drainMs);
    ended = true;
    return { code: 0, signal: null };
  });
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => {
    if (signal !== 'SIGCONT') told.emit('end', drainOf(signal, config.generation.drainMs));
  };
  return {
    pid: process.pid,
    port: app.port,
    url: `http://127.0.0.1:${app.port}`,
    logs: lines.all,
    waitForLog: (fits) => lines.until(fits),
    kill,
    exit,
    get ended() {
      return ended;
    },
    stop: () => {
      kill('SIGTERM');
      return exit;
    },
  };
}
