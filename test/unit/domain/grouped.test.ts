import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { createGrouped, createGroupedLookup } from '../../../src/domain/grouped.js';

/** Work that ends when it is told to, and the groups that it got. */
function held() {
  const groups: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const work = (items: readonly number[]) => {
    groups.push(items);
    return new Promise<void>((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve()));
    });
  };
  /** Ends the oldest pending group; then the next has begun. */
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

describe('A grouped lookup', () => {
  it('asks for what comes meanwhile in one question, each key once, and gives each its own', async () => {
    const { groups, work, end } = held();
    const find = async (keys: readonly number[]) => {
      await work(keys);
      return new Map(keys.filter((key) => key !== 3).map((key) => [key, `row ${key}`]));
    };
    const look = createGroupedLookup(find, 10);
    const answers = [1, 2, 3, 2].map(look);
    await end();
    await end();
    expect(await Promise.all(answers)).to.deep.equal(['row 1', 'row 2', null, 'row 2']);
    expect(groups).to.deep.equal([[1], [2, 3]]);
  });

  it('asks again for a key that is being looked up', async () => {
    const { groups, work, end } = held();
    let value = 'old';
    const look = createGroupedLookup(async (keys: readonly number[]) => {
      const answer = new Map(keys.map((key) => [key, value]));
      await work(keys);
      return answer;
    }, 10);
    const before = look(1);
    value = 'new';
    const after = look(1);
    await end();
    await end();
    expect(await Promise.all([before, after])).to.deep.equal(['old', 'new']);
    expect(groups).to.deep.equal([[1], [1]]);
  });
});
