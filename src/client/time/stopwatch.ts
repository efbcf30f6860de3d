/**
 * Returns the ms since its call. Neither a clock that is set back nor a device that sleeps makes it too short: the one
 * does not move `performance.now()`, the other may stop it.
 */
export function stopwatch(): () => number {
  const [clock, steady] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - clock, performance.now() - steady);
}
