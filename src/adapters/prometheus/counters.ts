import type { Registry } from 'prom-client';
import type { TokenCounts } from '../../ports/completion-provider.js';
import { noTelemetry, type Telemetry } from '../../ports/telemetry.js';
import { openSeries, TOKEN_KINDS } from './series.js';

/** Counts business events. */
export function createCounters(register: Registry, version: string): Telemetry {
  const series = openSeries(register, version);
  const countTokens = (usage: TokenCounts | null): void => {
    if (!usage) return;
    for (const kind of TOKEN_KINDS) series.tokens.inc({ kind }, usage[`${kind}_tokens`]);
  };
  return {
    ...noTelemetry,
    handshake: ({ result }) => series.handshakes.inc({ result }),
    eventHandled({ event, result, ms }) {
      series.events.inc({ event, result });
      series.eventSeconds.observe({ event }, ms / 1_000);
    },
    firstText: ({ ms }) => series.firstText.observe(ms / 1_000),
    answerEnded({ status, usage }) {
      series.generations.inc({ status });
      countTokens(usage);
    },
    completionEnded({ status, usage }) {
      series.completions.inc({ status });
      countTokens(usage);
    },
    attemptTakenOver: () => series.takeovers.inc(),
    answerResumed: ({ outcome }) => series.resumes.inc({ outcome }),
    gapFound: () => series.gaps.inc(),
    slowReader({ outcome }) {
      if (outcome === 'held_back') series.slowReaders.inc();
    },
    webhook: ({ result }) => series.webhooks.inc({ result }),
    limited: ({ limit }) => series.limited.inc({ limit }),
    relayed: ({ ms }) => series.relayLag.observe(ms / 1_000),
    redisReplied: ({ ms }) => series.redis.observe(ms / 1_000),
    postgresReplied: ({ ms }) => series.postgres.observe(ms / 1_000),
  };
}
