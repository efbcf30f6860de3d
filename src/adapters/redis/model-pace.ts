import type { ModelPace, PaceSlot, SlotReply } from '../../ports/model-pace.js';
import { chargeOf, type PaceRequest, pauseLength, ratesOf } from '../engine/pace-line.js';
import type { MemoryPace } from '../memory/model-pace.js';
import type { RedisClient } from './connection/clients.js';
import type { Shards } from './connection/shards.js';
import type { LineKeys } from './keys.js';
import type { PaceArguments, PaceReply, PaceSlotArguments } from './pace-scripts.js';

export interface RedisPaceDeps {
  client: RedisClient;
  shards: Shards;
  keys: LineKeys;
  /** The line of this node alone while Redis is away. It also keeps the pauses requested of this node. */
  fallback: MemoryPace;
}

/** No line is this short, so a request with this limit asks without taking. */
const NEVER = -1;
/** No model has this name, so it pauses none. */
const NO_MODEL = '';

/** One line that all nodes share, by the clock of Redis. While Redis is away each node has its own. */
export function createRedisPace({ client, shards, keys, fallback }: RedisPaceDeps): ModelPace {
  const line = keys.pace;
  const run = async <T>(command: () => Promise<T>) => shards.of(line).circuit.run(command);

  const argumentsOf = ({ model, rates, tokens, mostWaitMs }: PaceRequest): PaceArguments => [
    line,
    keys.modelPace(model),
    rates.requests.everyMs,
    rates.requests.burst,
    rates.tokens.everyMs,
    rates.tokens.burst,
    tokens,
    mostWaitMs,
  ];

  const slotOf = (reply: PaceReply, request: PaceRequest): PaceSlot => {
    const { everyMs } = request.rates.tokens;
    let place = placeOf(reply);
    return {
      async remainingMs() {
        const ask = () => client.parleyPaceRemaining(...argumentsOf(request), ...place);
        const became = await run(ask).catch(() => null);
        if (became) place = placeOf(became);
        return Math.max(became?.[1] ?? 0, fallback.pausedMs(request.model));
      },
      async settle(usedTokens) {
        const more = chargeOf(usedTokens, request.rates.tokens) - request.tokens;
        if (more === 0 || !isInLine(place)) return;
        await run(() => client.parleyPaceSettle(line, everyMs, more)).catch(() => {});
      },
    };
  };

  const reserve = async (request: PaceRequest): Promise<SlotReply> => {
    const reply = await run(() => client.parleyPaceReserve(...argumentsOf(request)));
    const [taken, waitMs] = reply;
    return {
      slot: taken === 1 ? slotOf(reply, request) : null,
      waitMs: Math.max(waitMs, fallback.pausedMs(request.model)),
    };
  };

  return {
    reserve(model, limits, tokens, mostWaitMs) {
      const rates = ratesOf(limits);
      const request = { model, rates, tokens: chargeOf(tokens, rates.tokens), mostWaitMs };
      return reserve(request).catch(() => fallback.reserve(model, limits, tokens, mostWaitMs));
    },

    async pause(model, given) {
      const ms = pauseLength(given);
      await fallback.pause(model, ms);
      const pause = () =>
        model === null
          ? client.parleyPacePauseAll(line, ms)
          : client.parleyPacePause(line, keys.modelPace(model), keys.pauses, ms, model);
      await run(pause).catch(() => {});
    },

    async pauses() {
      const own = await fallback.pauses();
      const shared = await run(() => client.parleyPacePauses(keys.pauses)).catch(() => []);
      const longest = new Map(own);
      for (let i = 0; i < shared.length; i += 2) {
        const model = String(shared[i]);
        longest.set(model, Math.max(Number(shared[i + 1]), own.get(model) ?? 0));
      }
      return longest;
    },

    waitMs(limits, model = NO_MODEL) {
      const request = { model, rates: ratesOf(limits), tokens: 0, mostWaitMs: NEVER };
      return reserve(request).then(
        ({ waitMs }) => waitMs,
        () => fallback.waitMs(limits, model),
      );
    },
  };
}

const placeOf = ([, , start, held, modelHeld, inLine]: PaceReply): PaceSlotArguments => [
  start,
  held,
  modelHeld,
  inLine,
];

const isInLine = ([, , , inLine]: PaceSlotArguments) => inLine === 1;
