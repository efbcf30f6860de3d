// Loaded before a measured process: answers its parent's questions of what it has used so far.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  process.send?.({ cpu: user + system, rss: process.memoryUsage.rss() });
});
// Listening alone must not keep the process alive.
process.channel?.unref();
