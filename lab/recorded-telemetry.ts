import { noTelemetry, type Telemetry } from '../src/ports/telemetry.js';

type Method = keyof Telemetry;
type Recorded = { [M in Method]: Parameters<Telemetry[M]>[0][] };

export interface RecordedTelemetry {
  telemetry: Telemetry;
  /** The arguments of each method's calls, in order. */
  calls: Recorded;
}

/** Telemetry that keeps every call. */
export function recordTelemetry(): RecordedTelemetry {
  const methods = Object.keys(noTelemetry) as Method[];
  const calls = Object.fromEntries(methods.map((name) => [name, []])) as unknown as Recorded;
  const record = (name: Method) => (event: unknown) => void (calls[name] as unknown[]).push(event);
  const telemetry = Object.fromEntries(methods.map((name) => [name, record(name)]));
  return { telemetry: telemetry as unknown as Telemetry, calls };
}
