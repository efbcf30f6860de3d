/** Passes on the latest value at most once per animation frame. */
export function perFrame<T>(take: (value: T) => void): (value: T) => void {
  let latest: { value: T } | null = null;
  return (value) => {
    const waiting = latest !== null;
    latest = { value };
    if (waiting) return;
    requestAnimationFrame(() => {
      const next = latest;
      latest = null;
      if (next !== null) take(next.value);
    });
  };
}
