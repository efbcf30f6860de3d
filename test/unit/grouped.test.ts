import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { createGrouped } from '../../src/domain/grouped.js';

/** Work that ends when it is told to, and the groups that it was given. */
function held() {
  const groups: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const work = (items: readonly number[]) => {
    groups.push(items);
    return new Promise<void>((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve()));
    });
  };
  /** Ends the oldest that has not ended; then the next has begun. */
  const end = async (error?: Error) => {
    ends.shift()?.(error);
    await setImmediate();
  };
  return { groups, work, end };
}

const outcome = (promise: Promise<void>) =>
  promise.then(
    () => 'done',
    (error: Error) => error.message,
  );

describe('Grouped work', () => {
  it('begins at once with the first, and takes what comes meanwhile together', async () => {
    const { groups, work, end } = held();
    const take = createGrouped(work, 10);
    const first = take(1);
    const later = [take(2), take(3)];
    expect(groups).to.deep.equal([[1]]);
    await end();
    await first;
    expect(groups).to.deep.equal([[1], [2, 3]]);
    await end();
    await Promise.all(later);
  });

  it('takes at most so many together, in their order', async () => {
    const { groups, work, end } = held();
    const take = createGrouped(work, 2);
    const all = [1, 2, 3, 4].map(take);
    await end();
    await all[0];
    await end();
    await all[2];
    await end();
    await Promise.all(all);
    expect(groups).to.deep.equal([[1], [2, 3], [4]]);
  });

  it('fails those of a group that failed, and goes on with the others', async () => {
    const { work, end } = held();
    const take = createGrouped(work, 10);
    const outcomes = [1, 2, 3].map((item) => outcome(take(item)));
    await end();
    await outcomes[0];
    const last = outcome(take(4));
    await end(new Error('away'));
    expect(await Promise.all(outcomes)).to.deep.equal(['done', 'away', 'away']);
    await end();
    expect(await last).to.equal('done');
  });
});
