import { mock } from 'node:test';
import { expect } from 'chai';
import type { AdminRest } from '../../../src/client/index.js';
import type { DayUsage, UsageSumBy } from '../../../src/contract/usage.js';
import { money } from '../../../src/web/i18n/formats.js';
import { createAdminUsage } from '../../../src/web/state/admin/admin-usage.js';
import { currencyOf, everyDay } from '../../../src/web/state/usage.js';

const price = (currency: string) => ({ price: { input: 1, output: 1, currency } });

describe('the usage on the page', () => {
  it('has the last 31 days of UTC, across the ends of months, without gaps', () => {
    const known = [
      { day: '2028-02-29', tokens: 7, cost: 0.5 },
      { day: '2028-03-02', tokens: 9, cost: null },
      { day: '2027-03-02', tokens: 1, cost: null },
    ];
    const days = everyDay(known, Date.parse('2028-03-02T23:59:59Z'));
    expect(days).to.have.length(31);
    expect([days[0]?.day, days.at(-1)]).to.deep.equal(['2028-02-01', known[1]]);
    expect(days.slice(-4).map(({ day, tokens }) => [day, tokens])).to.deep.equal([
      ['2028-02-28', 0],
      ['2028-02-29', 7],
      ['2028-03-01', 0],
      ['2028-03-02', 9],
    ]);
    expect(new Set(days.map(({ day }) => day)).size).to.equal(31);
  });

  it('shows amounts with the digits that they need', () => {
    const amounts = [0, 0.00000123, 0.00126, 0.12345, 12.345, 1_234.5];
    expect(amounts.map((amount) => money(amount, 'EUR', 'en'))).to.deep.equal([
      ...['€0.00', '€0.00000123', '€0.00126', '€0.1235', '€12.35', '€1,234.50'],
    ]);
    expect(money(0.5, null, 'en')).to.equal('0.50');
  });

  it('names a currency only if all prices have the same', () => {
    expect(currencyOf([{ price: null }, price('EUR'), price('EUR')])).to.equal('EUR');
    expect(currencyOf([price('EUR'), price('USD')])).to.equal(null);
    expect(currencyOf([{ price: null }])).to.equal(null);
  });

  /** The sums of the page of administrators. */
  const sums = async (...days: DayUsage[]) => {
    const usage = createAdminUsage({
      usageBy: async (by: UsageSumBy) => ({ by, rows: by === 'day' ? days : [] }),
    } as unknown as AdminRest);
    mock.timers.enable({ apis: ['Date'], now: Date.parse(`${TODAY}T23:59:59Z`) });
    await usage.load().finally(() => mock.timers.reset());
    return usage.totals.value;
  };
  const TODAY = '2026-01-31';
  const ANOTHER = '2026-01-01';

  it('adds up the days of this month, of which none is another month’s', async () => {
    const days = [
      { day: '2020-01-31', tokens: 9, cost: null },
      { day: ANOTHER, tokens: 2, cost: 0.25 },
      { day: TODAY, tokens: 1, cost: 0.5 },
    ];
    expect(await sums(...days)).to.deep.equal({
      day: days[2],
      month: { tokens: 3, cost: 0.75 },
    });
    expect(await sums()).to.deep.equal({
      day: { tokens: 0, cost: null },
      month: { tokens: 0, cost: 0 },
    });
  });

  it('has no cost of a month if that of one of its days is unknown', async () => {
    const days = [
      { day: ANOTHER, tokens: 2, cost: null },
      { day: TODAY, tokens: 1, cost: 0.5 },
    ];
    expect((await sums(...days))?.month).to.deep.equal({ tokens: 3, cost: null });
    expect((await sums(...days.toReversed()))?.month.cost).to.equal(null);
  });
});
