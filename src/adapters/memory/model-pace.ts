import type { ModelPace, PaceSlot } from '../../ports/model-pace.js';
import {
  chargeOf,
  PaceLine,
  type PacePlace,
  type PaceRequest,
  pauseLength,
  ratesOf,
} from '../engine/pace-line.js';

export interface MemoryPace extends ModelPace {
  /** The remaining pause of all models or of this one, whichever is longer, without the wait in the line. */
  pausedMs(model: string): number;
}

/** The pace of one process, by its monotonic clock. */
export function createMemoryPace(line = new PaceLine(), now = () => performance.now()): MemoryPace {
  const slotAt = (given: PacePlace, request: PaceRequest): PaceSlot => {
    let place = given;
    return {
      async remainingMs() {
        const [ms, became] = line.remaining(now(), place, request);
        place = became;
        return Math.ceil(ms);
      },
      async settle(usedTokens) {
        if (!place.inLine) return;
        const { rates, tokens } = request;
        line.settle(now(), rates, chargeOf(usedTokens, rates.tokens) - tokens);
      },
    };
  };

  return {
    async reserve(model, limits, tokens, mostWaitMs) {
      const rates = ratesOf(limits);
      const charge = chargeOf(tokens, rates.tokens);
      const request = { model, rates, tokens: charge, mostWaitMs };
      const at = now();
      const place = line.reserve(at, request);
      if (!place) return { slot: null, waitMs: Math.ceil(line.waitMs(at, rates, charge, model)) };
      const waitMs = Math.ceil(Math.max(0, place.startsAt - at));
      return { slot: slotAt(place, request), waitMs };
    },

    pause: async (model, ms) => line.pause(now(), model, pauseLength(ms)),
    pauses: async () => line.pauses(now()),
    pausedMs: (model) => Math.ceil(line.pausedMs(now(), model)),
    waitMs: async (limits, model) => Math.ceil(line.waitMs(now(), ratesOf(limits), 0, model)),
  };
}
