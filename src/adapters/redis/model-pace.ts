import type { ModelPace, PaceReservation, PaceSlot } from '../../ports/engine.js';
import type { MemoryPace } from '../memory/model-pace.js';
import { chargeOf, type PaceRates, pauseLength, ratesOf } from '../memory/pace-line.js';
import type { RedisClient } from './clients.js';
import type { Keys } from './keys.js';
import type { Shards } from './shards.js';

export interface RedisPaceDeps {
  client: RedisClient;
  shards: Shards;
  keys: Keys;
  /** The line of this node alone while Redis is away. */
  fallback: MemoryPace;
}

/** Never longer than any line: asks without taking. */
const NEVER = -1;

/** One line that all nodes share, by the clock of Redis; while Redis is away each node has its own. */
export function createRedisPace({ client, shards, keys, fallback }: RedisPaceDeps): ModelPace {
  const line = keys.pace;
  const run = async <T>(command: () => Promise<T>) => shards.of(line).circuit.run(command);

  const ask = ({ requests, tokens }: PaceRates, cost: number, mostWaitMs: number) =>
    run(() =>
      client.parleyPaceReserve(
        line,
        requests.everyMs,
        requests.burst,
        tokens.everyMs,
        tokens.burst,
        cost,
        mostWaitMs,
      ),
    );

  const slotOf = (
    start: string,
    held: string,
    { tokens }: PaceRates,
    charge: number,
  ): PaceSlot => ({
    remainingMs: () =>
      run(() => client.parleyPaceRemaining(line, start, held)).catch(() => fallback.pausedMs()),
    async settle(usedTokens) {
      const more = chargeOf(usedTokens, tokens) - charge;
      if (more === 0) return;
      await run(() => client.parleyPaceSettle(line, tokens.everyMs, more)).catch(() => {});
    },
  });

  const reserve = async (
    rates: PaceRates,
    cost: number,
    most: number,
  ): Promise<PaceReservation> => {
    const [taken, waitMs, start, held] = await ask(rates, cost, most);
    return { slot: taken === 1 ? slotOf(start, held, rates, cost) : null, waitMs };
  };

  return {
    reserve(limits, tokens, mostWaitMs) {
      const rates = ratesOf(limits);
      const cost = chargeOf(tokens, rates.tokens);
      return reserve(rates, cost, mostWaitMs).catch(() =>
        fallback.reserve(limits, tokens, mostWaitMs),
      );
    },

    async pause(ms) {
      await fallback.pause(ms);
      await run(() => client.parleyPacePause(line, pauseLength(ms))).catch(() => {});
    },

    waitMs: (limits) =>
      reserve(ratesOf(limits), 0, NEVER).then(
        ({ waitMs }) => waitMs,
        () => fallback.waitMs(limits),
      ),
  };
}
