// Loaded before a measured process: answers its parent's questions of what it has used so far.
const used = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
// Of all collections that questions have asked for: they are no cost of what is measured.
let collecting = 0;

process.on('message', (message) => {
  if (message !== 'usage') return;
  const cpu = used() - collecting;
  globalThis.gc?.();
  collecting = used() - cpu;
  process.send?.({ cpu, rss: process.memoryUsage.rss() });
});
// Listening alone must not keep the process alive.
process.channel?.unref();
