import { Counter, type CounterConfiguration, Gauge, Histogram, type Registry } from 'prom-client';
import { ERRORS } from '../../contract/errors.js';
import { EVENT_PERMISSIONS } from '../../contract/permissions.js';
import { LIMIT_NAMES, noTelemetry, type Telemetry } from '../../ports/telemetry.js';

const CODES = Object.keys(ERRORS);
const EVENTS = [...Object.keys(EVENT_PERMISSIONS), 'unknown'];
const STATUSES = ['completed', 'stopped', 'interrupted', 'failed'];
const TOKEN_KINDS = ['prompt', 'completion', 'cached', 'reasoning'];
const RESUMES = ['nothing', 'rest', 'anew'];

/** Seconds. */
const ROUND_TRIP = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const HANDLING = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];
const FIRST_TEXT = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Every combination of labels, so that their series exist before the first event. */
function preset<T extends string>(
  metric: Counter<T> | Histogram<T>,
  labels: Record<T, readonly string[]>,
): void {
  let combinations: Partial<Record<T, string>>[] = [{}];
  for (const [name, values] of Object.entries<readonly string[]>(labels)) {
    combinations = combinations.flatMap((one) =>
      values.map((value) => ({ ...one, [name]: value })),
    );
  }
  for (const combination of combinations) {
    if (metric instanceof Counter) metric.inc(combination, 0);
    else metric.zero(combination as Record<T, string>);
  }
}

/** Counts business events. No label takes a value that users can make. */
export function createCounters(register: Registry, version: string): Telemetry {
  const registers = [register];
  const counter = <T extends string = never>(
    { name, help }: Pick<CounterConfiguration<T>, 'name' | 'help'>,
    labels: Record<T, readonly string[]>,
  ) => {
    const labelNames = Object.keys(labels) as T[];
    const made = new Counter<T>({ name, help, labelNames, registers });
    preset(made, labels);
    return made;
  };
  const histogram = <T extends string = never>(
    { name, help, buckets }: { name: string; help: string; buckets: number[] },
    labels: Record<T, readonly string[]>,
  ) => {
    const labelNames = Object.keys(labels) as T[];
    const made = new Histogram<T>({ name, help, buckets, labelNames, registers });
    preset(made, labels);
    return made;
  };

  new Gauge({
    name: 'parley_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version, node_version: process.version }, 1);
  const handshakes = counter(
    { name: 'parley_handshakes_total', help: 'Sockets that were accepted or refused.' },
    { result: ['accepted', ...CODES] },
  );
  const events = counter(
    { name: 'parley_events_total', help: 'Client events that were handled.' },
    { event: EVENTS, result: ['ok', ...CODES] },
  );
  const eventSeconds = histogram(
    {
      name: 'parley_event_seconds',
      help: 'Time to handle a client event, with its wait.',
      buckets: HANDLING,
    },
    { event: EVENTS },
  );
  const generations = counter(
    { name: 'parley_generations_total', help: 'Answers that ended.' },
    { status: STATUSES },
  );
  const firstText = histogram(
    {
      name: 'parley_first_text_seconds',
      help: 'Time from the begin of an attempt to its first text.',
      buckets: FIRST_TEXT,
    },
    {},
  );
  const tokens = counter(
    {
      name: 'parley_tokens_total',
      help: 'Tokens of ended answers; cached ones are part of the prompt, reasoning ones of the completion.',
    },
    { kind: TOKEN_KINDS },
  );
  const takeovers = counter(
    { name: 'parley_takeovers_total', help: 'Answers taken over from a node that went silent.' },
    {},
  );
  const resumes = counter(
    { name: 'parley_resumes_total', help: 'Requests for missing text, by what they got.' },
    { outcome: RESUMES },
  );
  const gaps = counter(
    { name: 'parley_gaps_total', help: 'Conversations whose readers may have missed events.' },
    {},
  );
  const slowReaders = counter(
    {
      name: 'parley_slow_readers_total',
      help: 'Sockets that read too slowly, so that text was held back.',
    },
    {},
  );
  const limited = counter(
    { name: 'parley_limited_total', help: 'Refusals by limits.' },
    { limit: LIMIT_NAMES },
  );
  const relayLag = histogram(
    {
      name: 'parley_relay_lag_seconds',
      help: 'Time of a message through Redis back to this node, measured every second.',
      buckets: ROUND_TRIP,
    },
    {},
  );
  const redis = histogram(
    { name: 'parley_redis_seconds', help: 'Time of a command to Redis.', buckets: ROUND_TRIP },
    {},
  );
  const postgres = histogram(
    {
      name: 'parley_postgres_seconds',
      help: 'Time of a statement in Postgres, without the wait for a connection.',
      buckets: ROUND_TRIP,
    },
    {},
  );

  return {
    ...noTelemetry,
    handshake: ({ result }) => handshakes.inc({ result }),
    eventHandled({ event, result, ms }) {
      events.inc({ event, result });
      eventSeconds.observe({ event }, ms / 1_000);
    },
    firstText: ({ ms }) => firstText.observe(ms / 1_000),
    answerEnded({ status, usage }) {
      generations.inc({ status });
      if (!usage) return;
      tokens.inc({ kind: 'prompt' }, usage.prompt_tokens);
      tokens.inc({ kind: 'completion' }, usage.completion_tokens);
      tokens.inc({ kind: 'cached' }, usage.cached_tokens);
      tokens.inc({ kind: 'reasoning' }, usage.reasoning_tokens);
    },
    attemptTakenOver: () => takeovers.inc(),
    answerResumed: ({ outcome }) => resumes.inc({ outcome }),
    gapFound: () => gaps.inc(),
    slowReader({ outcome }) {
      if (outcome === 'held_back') slowReaders.inc();
    },
    limited: ({ limit }) => limited.inc({ limit }),
    relayed: ({ ms }) => relayLag.observe(ms / 1_000),
    redisAnswered: ({ ms }) => redis.observe(ms / 1_000),
    postgresAnswered: ({ ms }) => postgres.observe(ms / 1_000),
  };
}
