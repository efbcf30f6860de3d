import { expect } from 'chai';
import { lazySearchLetters } from '../../../src/adapters/postgres/conversations/search-letters.js';

/** Each turn examines about a hundredth of the characters. */
const MANY_TURNS = 100;

describe('The letters that a search takes for equal', () => {
  it('are looked up in many short steps, between which other work has its turn', async () => {
    let made = false;
    const letters = lazySearchLetters()().finally(() => {
      made = true;
    });
    let turns = 0;
    while (!made) {
      await new Promise(setImmediate);
      turns += 1;
    }
    expect(turns).to.be.above(MANY_TURNS);
    expect((await letters).formsOf('k')).to.include.members(['k', 'K', '\u212a', 'ｋ']);
    expect((await letters).formsOf('ss'))
      .to.include.members(['ß', 'ẞ'])
      .and.not.include('ss');
  });

  it('are looked up once, also for searches that begin meanwhile', async () => {
    const letters = lazySearchLetters();
    const [one, other] = await Promise.all([letters(), letters()]);
    expect(one).to.equal(other);
    expect(await letters()).to.equal(one);
  });
});
