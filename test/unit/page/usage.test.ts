import { expect } from 'chai';
import { money } from '../../../src/web/i18n/formats.js';
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
});
