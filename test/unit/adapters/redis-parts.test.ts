import { expect } from 'chai';
import { SingleFlight } from '../../../src/adapters/redis/connection/single-flight.js';
import { OwedResyncs } from '../../../src/adapters/redis/log/owed-resyncs.js';

describe('Single flight', () => {
  it('shares work among calls, but never work that had begun before a call', async () => {
    const flights = new SingleFlight<number>();
    const land: (() => void)[] = [];
    let begun = 0;
    const work = () => {
      const n = ++begun;
      return new Promise<number>((resolve) => land.push(() => resolve(n)));
    };
    const calls = [1, 2, 3].map(() => flights.run('k', work));
    const other = flights.run('other', work);
    expect(begun).to.equal(2);
    for (const finish of land.splice(0)) finish();
    expect(await calls[0]).to.equal(1);
    expect(await other).to.equal(2);
    expect(begun).to.equal(3);
    for (const finish of land.splice(0)) finish();
    expect(await Promise.all(calls)).to.deep.equal([1, 3, 3]);
    const later = flights.run('k', work);
    for (const finish of land.splice(0)) finish();
    expect(await later).to.equal(4);
  });

  it('goes on after work that failed', async () => {
    const flights = new SingleFlight<string>();
    const failed = flights.run('k', () => Promise.reject(new Error('away')));
    const next = flights.run('k', async () => 'there');
    expect(await failed.catch((error: Error) => error.message)).to.equal('away');
    expect(await next).to.equal('there');
  });
});

describe('Owed resyncs', () => {
  const ledger = () => {
    const published: (number | 'all')[] = [];
    const state = { isAway: true };
    const publish = async (id: number | 'all') => {
      if (state.isAway) throw new Error('away');
      published.push(id);
    };
    const owed = new OwedResyncs({ publish, publishToAll: () => publish('all') });
    return { owed, published, state };
  };

  it('are paid once, when that succeeds, except those that were settled', async () => {
    const { owed, published, state } = ledger();
    for (const id of [1, 2, 3, 1]) owed.add(id);
    owed.settle(2);
    await owed.pay();
    state.isAway = false;
    await Promise.all([owed.pay(), owed.pay()]);
    expect(published).to.deep.equal([1, 3]);
  });

  it('go to all readers when there are too many conversations to remember', async () => {
    const { owed, published, state } = ledger();
    for (let id = 1; id <= 10_001; id++) owed.add(id);
    await owed.pay();
    state.isAway = false;
    await owed.pay();
    expect(published[0]).to.equal('all');
    expect(published).to.have.length(10_001);
  });
});
