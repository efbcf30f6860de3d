/** Works like `setTimeout`. In Node, it does not keep the process alive. */
export function patientTimer(work: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, ms);
  const handle: unknown = timer;
  if (typeof handle === 'object') (handle as NodeJS.Timeout | null)?.unref?.();
  return timer;
}
