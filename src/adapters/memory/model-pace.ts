import type { ModelPace, PaceSlot } from '../../ports/engine.js';
import { chargeOf, PaceLine, type PacePlace, pauseLength, ratesOf } from './pace-line.js';

export interface MemoryPace extends ModelPace {
  /** Of the pause alone, whatever waits in the line. */
  pausedMs(): number;
}

/** The pace of one process, by its monotonic clock. */
export function createMemoryPace(line = new PaceLine(), now = () => performance.now()): MemoryPace {
  const slotAt = (place: PacePlace, settle: (usedTokens: number) => void): PaceSlot => ({
    remainingMs: async () => Math.ceil(line.remainingMs(now(), place)),
    settle: async (usedTokens) => settle(usedTokens),
  });

  return {
    async reserve(limits, tokens, mostWaitMs) {
      const rates = ratesOf(limits);
      const charge = chargeOf(tokens, rates.tokens);
      const at = now();
      const waitMs = Math.ceil(line.waitMs(at, rates, charge));
      const place = line.reserve(at, rates, charge, mostWaitMs);
      if (!place) return { slot: null, waitMs };
      const slot = slotAt(place, (usedTokens) => {
        line.settle(now(), rates, chargeOf(usedTokens, rates.tokens) - charge);
      });
      return { slot, waitMs };
    },

    pause: async (ms) => line.pause(now(), pauseLength(ms)),
    pausedMs: () => Math.ceil(line.pausedMs(now())),
    waitMs: async (limits) => Math.ceil(line.waitMs(now(), ratesOf(limits))),
  };
}
