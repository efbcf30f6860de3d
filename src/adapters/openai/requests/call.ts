import type { RequestGate } from '../../../ports/completion-provider.js';
import { type DeadlineOptions, Deadlines } from '../transport/deadlines.js';

export interface Limits {
  /** Ends the request on the caller's abort and on passed time limits. */
  signal: AbortSignal;
  deadlines: Deadlines;
}

export interface Call extends Limits {
  gate: RequestGate | undefined;
}

/** Options of a request for the SDK. */
export const optionsOf = ({ signal, gate }: Call) => ({
  signal,
  ...(gate?.trace && { headers: { traceparent: gate.trace } }),
});

/** Waits for the turn of the next request. */
export async function passGate({ gate, deadlines, signal }: Call): Promise<void> {
  if (!gate) return;
  deadlines.hold();
  await gate.pass();
  signal.throwIfAborted();
}

export async function withDeadlines<T>(
  options: DeadlineOptions,
  caller: AbortSignal,
  work: (limits: Limits) => Promise<T>,
): Promise<T> {
  caller.throwIfAborted();
  const own = new AbortController();
  const deadlines = new Deadlines(options, (reason) => own.abort(reason));
  const onAbort = () => own.abort(caller.reason);
  caller.addEventListener('abort', onAbort);
  try {
    // undici does not notice an abort while it connects: hence the race.
    return await Promise.race([work({ signal: own.signal, deadlines }), rejection(own.signal)]);
  } finally {
    deadlines.clear();
    caller.removeEventListener('abort', onAbort);
  }
}

const rejection = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
