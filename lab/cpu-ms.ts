/** Milliseconds of CPU that `work` takes in this process. Other programs on the machine hardly change them. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1_000;
}
