import { expect } from 'chai';
import { createMemoryRateLimiter } from '../../../src/adapters/memory/rate-limiter.js';
import { createLimit, rateRules } from '../../../src/domain/limits/rate-rules.js';
import { AppError } from '../../../src/entities/errors.js';

const RULE = { name: 'test', points: 2, windowMs: 60_000 };
const SETTINGS = {
  scale: 1,
  registerPerMinute: 30,
  loginPerMinute: 3,
  refreshPerMinute: 60,
  requestsPerMinute: 600,
  handshakesPerMinute: 120,
  messagesPerMinute: 30,
  eventsPerSecond: 20,
};

async function refusals(limit: ReturnType<typeof createLimit>, times: number): Promise<AppError[]> {
  const tries = Array.from({ length: times }, () => limit('login', 'somebody'));
  const results = await Promise.allSettled(tries);
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}

describe('memory rate limiter', () => {
  it('grants the budget of a key and then says how long to wait', async () => {
    const limiter = createMemoryRateLimiter();
    expect(await limiter.consume(RULE, 'a')).to.equal(0);
    expect(await limiter.consume(RULE, 'a')).to.equal(0);
    expect(await limiter.consume(RULE, 'a')).to.be.within(1, 60_000);
    expect(await limiter.consume(RULE, 'b')).to.equal(0);
  });

  it('keeps the budgets of different rules apart', async () => {
    const limiter = createMemoryRateLimiter();
    await limiter.consume(RULE, 'a', 5);
    expect(await limiter.consume({ ...RULE, name: 'other' }, 'a')).to.equal(0);
  });

  it('lets a flood of new keys share budgets, and keeps those that were there', async () => {
    const limiter = createMemoryRateLimiter(2);
    await limiter.consume(RULE, 'old');
    const waits = [];
    for (let i = 0; i < 4_000; i += 1) waits.push(await limiter.consume(RULE, `flood ${i}`));
    expect(waits.filter((wait) => wait > 0).length).to.be.greaterThan(1_000);
    expect(await limiter.consume(RULE, 'old')).to.equal(0);
  });
});

describe('rate rules', () => {
  it('refuse with the time to wait when a budget is used up', async () => {
    const refused = await refusals(createLimit(createMemoryRateLimiter(), SETTINGS), 5);
    expect(refused).to.have.length(2);
    expect(refused[0]).to.be.instanceOf(AppError).and.include({ code: 'rate_limited' });
    expect(refused[0]?.retryAfterMs).to.be.within(1, 60_000);
  });

  it('grow and shrink with the scale, but never to nothing', async () => {
    expect(rateRules({ ...SETTINGS, scale: 2 }).login.points).to.equal(6);
    expect(rateRules({ ...SETTINGS, scale: 0.001 }).login.points).to.equal(1);
  });

  it('are off at scale 0', async () => {
    const limit = createLimit(createMemoryRateLimiter(), { ...SETTINGS, scale: 0 });
    expect(await refusals(limit, 100)).to.deep.equal([]);
  });
});
