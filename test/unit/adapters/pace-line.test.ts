import { expect } from 'chai';
import fc from 'fast-check';
import {
  chargeOf,
  PaceLine,
  type PacePlace,
  type PaceRates,
  type PaceRequest,
  ratesOf,
} from '../../../src/adapters/engine/pace-line.js';
import { createMemoryPace } from '../../../src/adapters/memory/model-pace.js';

const MINUTE = 60_000;
const limitsOf = (requestsPerMinute: number, tokensPerMinute: number) =>
  ratesOf({ requestsPerMinute, tokensPerMinute });

const requestOf = (rates: PaceRates, tokens: number, model = 'm'): PaceRequest => ({
  model,
  rates,
  tokens,
  mostWaitMs: Number.POSITIVE_INFINITY,
});

interface Call {
  after: number;
  tokens: number;
}

interface Taken {
  startsAt: number;
  tokens: number;
}

/** The largest sum of `amount` in any minute that begins with a slot. */
function mostInAMinute(taken: readonly Taken[], amount: (slot: Taken) => number): number {
  const sums = taken.map(({ startsAt: from }) =>
    taken
      .filter(({ startsAt }) => startsAt >= from && startsAt <= from + MINUTE)
      .reduce((sum, slot) => sum + amount(slot), 0),
  );
  return Math.max(0, ...sums);
}

const calls = (mostTokens: number) =>
  fc.array(
    fc.record({ after: fc.nat({ max: 3_000 }), tokens: fc.integer({ min: 1, max: mostTokens }) }),
    {
      maxLength: 120,
    },
  );

const takeAll = (line: PaceLine, rates: PaceRates, asked: Call[]) => {
  let now = 1_000;
  return asked.map(({ after, tokens }): Taken => {
    now += after;
    const place = line.reserve(now, requestOf(rates, tokens));
    if (!place) throw new Error('no slot');
    return { startsAt: place.startsAt, tokens };
  });
};

/** Waiting requests that ask again when their slot should begin, with pauses in between. */
function simulate(rates: PaceRates, asked: Call[], pauses: number[]) {
  const line = new PaceLine();
  const begun: Taken[] = [];
  const paused: { from: number; to: number }[] = [];
  let waiting: PacePlace[] = [];
  let now = 1_000;
  const advance = (to: number) => {
    const due = (place: PacePlace) => now + line.remaining(now, place, requestOf(rates, 1))[0];
    begun.push(
      ...waiting.filter((p) => due(p) <= to).map((p) => ({ startsAt: due(p), tokens: 1 })),
    );
    waiting = waiting.filter((place) => due(place) > to);
    now = to;
  };
  asked.forEach(({ after }, i) => {
    advance(now + after);
    const place = line.reserve(now, requestOf(rates, 1));
    if (place) waiting.push(place);
    advance(now);
    const length = pauses[i] ?? 0;
    if (length < 5_000) return;
    line.pause(now, null, length);
    paused.push({ from: now, to: now + length });
  });
  advance(Number.MAX_SAFE_INTEGER);
  return { begun, paused };
}

/** The same with two models in turn. One is paused, and its held-back requests ask for places in the line again. */
function simulateTwo(rates: PaceRates, asked: Call[], pauses: number[]) {
  const line = new PaceLine();
  const begun: (Taken & { model: string })[] = [];
  const paused: { from: number; to: number }[] = [];
  let waiting: { place: PacePlace; request: PaceRequest }[] = [];
  let now = 1_000;
  const step = () => {
    const still: typeof waiting = [];
    for (const { place, request } of waiting) {
      const [ms, became] = line.remaining(now, place, request);
      if (ms <= 0) begun.push({ startsAt: now, tokens: 1, model: request.model });
      else still.push({ place: became, request });
    }
    waiting = still;
  };
  const nextAt = () =>
    Math.min(...waiting.map(({ place, request }) => now + line.remaining(now, place, request)[0]));
  const advance = (to: number) => {
    for (step(); waiting.length > 0 && nextAt() <= to; step())
      now = Math.max(now + 0.001, nextAt());
    now = Math.max(now, to);
    step();
  };
  asked.forEach(({ after }, i) => {
    advance(now + after);
    const request = requestOf(rates, 1, i % 2 === 0 ? 'slow' : 'quick');
    const place = line.reserve(now, request);
    if (place) waiting.push({ place, request });
    step();
    const length = pauses[i] ?? 0;
    if (length < 5_000) return;
    line.pause(now, 'slow', length);
    paused.push({ from: now, to: now + length });
  });
  while (waiting.length > 0) advance(nextAt());
  return { begun, paused };
}

describe('The line to the model server', () => {
  it('never exceeds the requests of any minute, and keeps the order, however they come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), calls(1), (limit, asked) => {
        const taken = takeAll(new PaceLine(), limitsOf(limit, 0), asked);
        expect(mostInAMinute(taken, () => 1)).to.be.at.most(limit);
        const starts = taken.map(({ startsAt }) => startsAt);
        expect(starts).to.deep.equal(starts.toSorted((a, b) => a - b));
      }),
    );
  });

  it('never exceeds the tokens of any minute with requests of up to a tenth of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 2_000 }), calls(10), (limit, asked) => {
        const taken = takeAll(new PaceLine(), limitsOf(1_000, limit), asked);
        expect(mostInAMinute(taken, ({ tokens }) => tokens)).to.be.at.most(limit);
      }),
    );
  });

  it('exceeds them with larger ones by no more than the largest is over that tenth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 2_000 }), calls(100), (limit, asked) => {
        const taken = takeAll(new PaceLine(), limitsOf(0, limit), asked);
        const largest = Math.max(0, ...taken.map(({ tokens }) => tokens));
        const over = Math.max(0, largest - Math.ceil(limit / 10));
        expect(mostInAMinute(taken, ({ tokens }) => tokens)).to.be.at.most(limit + over);
      }),
    );
  });

  it('never exceeds the requests of any minute around pauses either, and begins none in one', () => {
    const pauses = fc.array(fc.nat({ max: 10_000 }), { maxLength: 120 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), calls(1), pauses, (limit, asked, lengths) => {
        const { begun, paused } = simulate(limitsOf(limit, 0), asked, lengths);
        expect(begun).to.have.length(asked.length);
        expect(mostInAMinute(begun, () => 1)).to.be.at.most(limit);
        for (const { startsAt } of begun) {
          expect(paused.some(({ from, to }) => startsAt > from && startsAt < to)).to.equal(false);
        }
      }),
    );
  });

  it('never exceeds the requests of any minute around pauses of one of two models, and begins none in its own', () => {
    const pauses = fc.array(fc.nat({ max: 10_000 }), { maxLength: 120 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), calls(1), pauses, (limit, asked, lengths) => {
        const { begun, paused } = simulateTwo(limitsOf(limit, 0), asked, lengths);
        expect(begun).to.have.length(asked.length);
        expect(mostInAMinute(begun, () => 1)).to.be.at.most(limit);
        for (const { startsAt, model } of begun) {
          const isIn = paused.some(({ from, to }) => startsAt > from && startsAt < to);
          expect(model === 'slow' && isIn).to.equal(false);
        }
      }),
    );
  });

  it('never holds a model up for what another one waits for in its pause', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 100 }), fc.nat({ max: 300 }), (limit, waiting) => {
        const rates = limitsOf(limit, 0);
        const line = new PaceLine();
        line.pause(1_000, 'slow', 60_000);
        for (let i = 0; i < waiting; i++) line.reserve(1_000, requestOf(rates, 1, 'slow'));
        for (let i = 0; i < limit / 10; i++) {
          const place = line.reserve(1_000, requestOf(rates, 1, 'quick'));
          expect(place?.startsAt).to.be.closeTo(1_000, 0.001);
        }
      }),
    );
  });

  it('uses nearly nine tenths of the budget when there is always somebody waiting', () => {
    const asked = Array.from({ length: 600 }, () => ({ after: 0, tokens: 400 }));
    const taken = takeAll(new PaceLine(), limitsOf(0, 1_000), asked);
    const minutes = ((taken.at(-1)?.startsAt ?? 0) - 1_000) / MINUTE;
    expect((600 * 400) / minutes).to.be.within(880, 890);
  });

  it('counts at most a minute of tokens for one request, and no less than none', () => {
    const { tokens } = limitsOf(0, 500);
    expect([-3, 0, 1.2, 500, 9_999].map((n) => chargeOf(n, tokens))).to.deep.equal([
      0, 0, 2, 500, 500,
    ]);
  });

  it('forgets a pause when it is over', async () => {
    let now = 5;
    const pace = createMemoryPace(new PaceLine(), () => now);
    const none = { requestsPerMinute: 0, tokensPerMinute: 0 };
    await pace.pause(null, 2_000);
    const { slot, waitMs } = await pace.reserve('m', none, 0, 10_000);
    expect(waitMs).to.equal(2_000);
    now += 1_999;
    expect(await slot?.remainingMs()).to.equal(1);
    expect(await pace.waitMs(none)).to.equal(26);
    now += 1;
    expect(await slot?.remainingMs()).to.equal(0);
    expect(await pace.waitMs(none)).to.equal(0);
  });

  it('holds others up for what an answer took without an estimate, however late it comes', async () => {
    const pace = createMemoryPace(new PaceLine(), () => 1e9);
    const limits = { requestsPerMinute: 0, tokensPerMinute: 1_000 };
    const { slot } = await pace.reserve('m', limits, 0, 0);
    await slot?.settle(1_000);
    expect(await pace.waitMs(limits)).to.be.within(50_000, 60_000);
  });
});
