import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ERRORS } from '../../contract/errors.js';
import { EVENT_PERMISSIONS } from '../../contract/permissions.js';
import { FINAL_STATUSES } from '../../entities/entities.js';
import {
  COMPLETION_STATUSES,
  LIMIT_NAMES,
  RESUME_OUTCOMES,
  WEBHOOK_RESULTS,
} from '../../ports/telemetry.js';

const CODES = Object.keys(ERRORS);
const EVENTS = [...Object.keys(EVENT_PERMISSIONS), 'unknown'];
export const TOKEN_KINDS = ['prompt', 'completion', 'cached', 'reasoning'] as const;

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

type Labels<T extends string> = Record<T, readonly string[]>;

interface Named {
  name: string;
  help: string;
}

/** Makes counters and histograms with all their series. */
function makerFor(register: Registry) {
  const registers = [register];
  return {
    counter<T extends string = never>(named: Named, labels: Labels<T>): Counter<T> {
      const labelNames = Object.keys(labels) as T[];
      const made = new Counter<T>({ ...named, labelNames, registers });
      preset(made, labels);
      return made;
    },
    histogram<T extends string = never>(
      named: Named & { buckets: number[] },
      labels: Labels<T>,
    ): Histogram<T> {
      const labelNames = Object.keys(labels) as T[];
      const made = new Histogram<T>({ ...named, labelNames, registers });
      preset(made, labels);
      return made;
    },
  };
}

type Maker = ReturnType<typeof makerFor>;

const countersOf = ({ counter }: Maker) => ({
  handshakes: counter(
    { name: 'parley_handshakes_total', help: 'Sockets that were accepted or refused.' },
    { result: ['accepted', ...CODES] },
  ),
  events: counter(
    { name: 'parley_events_total', help: 'Client events that were handled.' },
    { event: EVENTS, result: ['ok', ...CODES] },
  ),
  generations: counter(
    { name: 'parley_generations_total', help: 'Answers that ended.' },
    { status: FINAL_STATUSES },
  ),
  completions: counter(
    { name: 'parley_completions_total', help: 'Calls of programs to models that ended.' },
    { status: COMPLETION_STATUSES },
  ),
  tokens: counter(
    {
      name: 'parley_tokens_total',
      help: 'Tokens of ended answers and completions; cached ones are part of the prompt, reasoning ones of the completion.',
    },
    { kind: TOKEN_KINDS },
  ),
  takeovers: counter(
    { name: 'parley_takeovers_total', help: 'Answers taken over from a node that went silent.' },
    {},
  ),
  resumes: counter(
    { name: 'parley_resumes_total', help: 'Requests for missing text, by what they got.' },
    { outcome: RESUME_OUTCOMES },
  ),
  gaps: counter(
    { name: 'parley_gaps_total', help: 'Conversations whose readers may have missed events.' },
    {},
  ),
  slowReaders: counter(
    {
      name: 'parley_slow_readers_total',
      help: 'Sockets that read too slowly, so that text was held back.',
    },
    {},
  ),
  webhooks: counter(
    { name: 'parley_webhooks_total', help: 'Tries to deliver to webhooks, and what was dropped.' },
    { result: WEBHOOK_RESULTS },
  ),
  limited: counter(
    { name: 'parley_limited_total', help: 'Refusals by limits.' },
    { limit: LIMIT_NAMES },
  ),
});

const histogramsOf = ({ histogram }: Maker) => ({
  eventSeconds: histogram(
    {
      name: 'parley_event_seconds',
      help: 'Time to handle a client event, with its wait.',
      buckets: HANDLING,
    },
    { event: EVENTS },
  ),
  firstText: histogram(
    {
      name: 'parley_first_text_seconds',
      help: 'Time from the beginning of an attempt to its first text.',
      buckets: FIRST_TEXT,
    },
    {},
  ),
  relayLag: histogram(
    {
      name: 'parley_relay_lag_seconds',
      help: 'Time of a message through Redis back to this node, measured every second.',
      buckets: ROUND_TRIP,
    },
    {},
  ),
  redis: histogram(
    { name: 'parley_redis_seconds', help: 'Time of a command to Redis.', buckets: ROUND_TRIP },
    {},
  ),
  postgres: histogram(
    {
      name: 'parley_postgres_seconds',
      help: 'Time of a statement in Postgres, without the wait for a connection.',
      buckets: ROUND_TRIP,
    },
    {},
  ),
});

/** Every series exists from the start, at 0. No label takes a value that users can make. */
export function openSeries(register: Registry, version: string) {
  new Gauge({
    name: 'parley_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node_version'],
    registers: [register],
  }).set({ version, node_version: process.version }, 1);
  const maker = makerFor(register);
  return { ...countersOf(maker), ...histogramsOf(maker) };
}
