import type { App } from './app.js';
import { fail } from './fail.js';

/** Time after the drain until a node that has not exited is ended. */
const FORCE_AFTER_MS = 10_000;

/**
 * SIGTERM drains, and so does an administrator who asks for it. Ctrl-C does not wait for running answers, which
 * continue at the next start. A second signal ends the process at once. A node in whose place another one serves stops
 * without waiting, unless it stops already: then its drain goes on.
 */
export function endOnSignals(
  app: Pick<App, 'stop' | 'onOusted' | 'onDrainAsked'>,
  drainMs: number,
  process: Pick<NodeJS.Process, 'on' | 'exit'>,
): void {
  let told = false;
  const end = (wait: number, code = 0) => {
    told = true;
    setTimeout(() => process.exit(1), wait + FORCE_AFTER_MS).unref();
    app.stop(wait).then(
      () => process.exit(code),
      (error: unknown) => fail(error),
    );
  };
  const signalled = (wait: number) => (told ? process.exit(1) : end(wait));
  process.on('SIGTERM', () => signalled(drainMs));
  process.on('SIGINT', () => signalled(0));
  // The supervisor restarts the process, which then waits for its turn.
  app.onOusted(() => {
    if (!told) end(0, 1);
  });
  app.onDrainAsked(() => {
    if (!told) end(drainMs);
  });
}
