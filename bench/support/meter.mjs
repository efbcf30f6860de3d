// Loaded before a measured process: answers its parent's `cpu` with the microseconds that it has used so far.
process.on('message', (message) => {
  if (message !== 'cpu') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, rss: process.memoryUsage.rss() });
});
// Listening alone must not keep the process alive.
process.channel?.unref();
