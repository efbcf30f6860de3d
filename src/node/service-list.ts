import type { Retention } from '../domain/retention.js';
import type { Services } from '../domain/services.js';
import type { ProgramCalls } from '../http/program-calls.js';
import type { AnswerStreams } from '../http/streams/answer-streams.js';
import type { Engine } from '../ports/engine.js';
import type { Front } from './front.js';
import type { Service } from './lifecycle.js';

/** Sockets are told to reconnect, and closed at random moments within this time. */
const DRAIN_SOCKETS_MS = 5_000;
const DRAIN_ALONE_MS = 500;

type LastingName = {
  [K in keyof Services]: Services[K] extends { stop(drainMs: number): Promise<void> } ? K : never;
}[keyof Services];

/** The services of the domain that last as long as the node. A new one that is not in the list does not compile. */
type Lasting = {
  [K in LastingName]: Pick<Services[K], Extract<keyof Services[K], 'start' | 'stop'>>;
};

export interface ListedParts {
  engine: Pick<Engine, 'kind'>;
  services: Lasting;
  retention: Pick<Retention, 'start' | 'stop'>;
  programs: Pick<ProgramCalls, 'stop'>;
  streams: Pick<AnswerStreams, 'close'>;
  /** Its own port, if there is one. */
  metrics: Service;
  health: Service;
  front: Pick<Front, 'open' | 'drain' | 'stop'>;
  listen(): Promise<void>;
  warmUp(): void;
}

interface Working {
  start?(): void;
  stop(): Promise<void>;
}

const working = (name: string, part: Working): Service => ({
  name,
  start: () => part.start?.(),
  stop: () => part.stop(),
});

/** Everything that a node starts when its adapters are open. Before `health`, it serves nobody; `answers` claims. */
export function serviceList(parts: ListedParts): Service[] {
  const { services, retention, metrics, health, listen, warmUp } = parts;
  const { imports, erasure, callsHeld, titles, owed, outbox, ...claiming } = services;
  const { scheduler, completionRuns, ...unlisted } = claiming;
  unlisted satisfies Record<string, never>;
  const answers = claimer('answers', scheduler);
  const completions = claimer('completions', completionRuns);
  return [
    working('retention', retention),
    working('erasure', erasure),
    { name: 'imports', start: () => imports.start(), drain: () => imports.stop() },
    working('reservations', callsHeld),
    working('owed charges', owed),
    working('titles', titles),
    metrics,
    health,
    ...fronts(parts, [answers, completions]),
    { name: 'port', start: listen },
    // Nothing has been read yet and no answer has begun, so no stream stalls and no lease expires.
    { name: 'warm-up', start: warmUp },
    answers,
    completions,
    working('webhooks', outbox),
  ];
}

const claimer = (
  name: string,
  scheduler: { start(): void; stop(drainMs: number): Promise<void> },
): Service => ({
  name,
  start: () => scheduler.start(),
  drain: (ms) => scheduler.stop(ms),
});

/**
 * The services of readers. If there are other nodes, readers move there at once. A single node keeps them until their
 * answers have ended.
 */
function fronts({ engine, programs, front, streams }: ListedParts, writers: Service[]): Service[] {
  const isAlone = engine.kind === 'memory';
  const drainsAfter = isAlone ? writers : [];
  const socketsMs = isAlone ? DRAIN_ALONE_MS : DRAIN_SOCKETS_MS;
  return [
    { name: 'programs', drain: (ms) => programs.stop(ms) },
    {
      name: 'sockets',
      start: () => front.open(),
      drain: (ms) => front.drain(Math.min(ms, socketsMs)),
      drainsAfter,
      stop: () => front.stop(),
    },
    { name: 'streams', drain: () => streams.close(), drainsAfter },
  ];
}
