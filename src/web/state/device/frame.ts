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

/** Runs once the browser has shown the frame, if it is called while one is made. */
export function afterFrame(run: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(null);
}
