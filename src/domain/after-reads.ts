/**
 * Calls `work` after `ms`, once the sockets were read: what came while this process stood still comes first. Keeps no
 * process running. Returns its cancel.
 */
export function afterReads(work: () => void, ms: number): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(work);
  }, ms).unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

/** The same every `ms`. Keeps the process running. */
export function everyAfterReads(work: () => void, ms: number): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setInterval(() => {
    immediate = setImmediate(work);
  }, ms);
  return () => {
    clearInterval(timer);
    clearImmediate(immediate);
  };
}
