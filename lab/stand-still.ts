/** Keeps this process from its sockets and timers, as a pause of the machine or a long garbage collection does. */
export function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
