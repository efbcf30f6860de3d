// Loaded before a measured process: answers its parent's questions of what it has used so far.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const used = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
// Of all collections that questions have asked for: they are no cost of what is measured.
let collecting = 0;

const RESOLUTION_MS = 10;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();

process.on('message', (message) => {
  if (message !== 'usage') return;
  const lateMs = loop.percentile(99) / 1e6 - RESOLUTION_MS;
  const cpu = used() - collecting;
  globalThis.gc?.();
  collecting = used() - cpu;
  loop.reset();
  process.send?.({ cpu, rss: process.memoryUsage.rss(), lateMs });
});
// Listening alone must not keep the process alive, and it must not outlive a bench that failed.
process.channel?.unref();
process.on('disconnect', () => process.exit());
