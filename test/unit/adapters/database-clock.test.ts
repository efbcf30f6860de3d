import { expect } from 'chai';
import { DatabaseClock } from '../../../src/adapters/postgres/history/database-clock.js';

describe('The clock of the database', () => {
  /** Readings lie in the past, so that their values can be compared with now. */
  const read = (clock: DatabaseClock, day: number, agoMs: number, tookMs: number) => {
    const answeredAt = performance.now() - agoMs;
    clock.set(day * 86_400_000, answeredAt - tookMs, answeredAt);
  };
  const dayOf = (clock: DatabaseClock) => Math.round(clock.now() / 86_400_000);

  it('is that of the node before the first reading', () => {
    const before = Date.now();
    expect(new DatabaseClock().now()).to.be.within(before, before + 60_000);
  });

  it('takes its first reading even if that took long', () => {
    const clock = new DatabaseClock();
    read(clock, 7, 0, 1_000);
    expect(dayOf(clock)).to.equal(7);
  });

  it('goes by the newest reading, but for one that took long', () => {
    const clock = new DatabaseClock();
    read(clock, 7, 5_000, 100);
    read(clock, 8, 4_000, 100);
    expect(dayOf(clock)).to.equal(8);
    read(clock, 9, 3_000, 300);
    expect(dayOf(clock)).to.equal(8);
  });

  it('takes one that took long instead of an old one', () => {
    const clock = new DatabaseClock();
    read(clock, 7, 20_000, 100);
    read(clock, 8, 5_000, 300);
    expect(dayOf(clock)).to.equal(8);
  });

  it('assumes that the time was read in the middle between question and answer', () => {
    const clock = new DatabaseClock();
    clock.set(50_000, performance.now() - 40_000, performance.now());
    expect(clock.now()).to.be.within(70_000, 89_000);
  });
});
