// A measured process loads this first. It reports the resources used so far to its parent.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();

/** Collects no garbage: a collection would run into the next measurement and have code compiled again. */
function usage() {
  const { user, system } = process.cpuUsage();
  const lateMs = loop.percentile(99) / 1e6 - RESOLUTION_MS;
  loop.reset();
  // Node counts in kB, over the whole life of the process.
  const peak = process.resourceUsage().maxRSS * 1024;
  return { cpu: user + system, lateMs, peak };
}

/** The garbage is collected first, so that what is left is really held. */
function memory() {
  globalThis.gc?.();
  return { rss: process.memoryUsage.rss() };
}

const ANSWERS = { usage, memory };

process.on('message', (message) => {
  const answer = ANSWERS[message];
  if (answer) process.send?.(answer());
});
// Listening alone must not keep the process alive, and the process must not outlive a bench that failed.
process.channel?.unref();
process.on('disconnect', () => process.exit());
