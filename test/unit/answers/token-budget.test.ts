import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { TokenBudget } from '../../../src/domain/answers/running/token-budget.js';

/** A token for every four characters. */
const count = (text: string) => text.length / 4;

class Account {
  asked: number[] = [];
  failures = 0;
  spent = 0;
  counted = 0;
  limit: number;
  #held: number;
  isAway = false;

  constructor(reserved: number, limit: number) {
    this.#held = reserved;
    this.limit = limit;
  }

  budget() {
    return new TokenBudget({
      reserved: this.#held,
      count: (text) => {
        this.counted += text.length;
        return count(text);
      },
      reserveMore: async (tokens) => {
        this.asked.push(tokens);
        if (this.isAway) throw new Error('away');
        this.#held = Math.max(this.#held, Math.min(tokens, this.limit));
        return this.#held;
      },
      onSpent: () => {
        this.spent += 1;
      },
      onFailure: () => {
        this.failures += 1;
      },
    });
  }
}

/** Says that many tokens, one by one. Returns how many were said before the end. */
async function say(budget: TokenBudget, account: Account, tokens: number): Promise<number> {
  for (let said = 0; said < tokens; said++) {
    budget.heard('word');
    await nextTurn();
    if (account.spent > 0) return said + 1;
  }
  return tokens;
}

describe('The budget of a running answer', () => {
  it('asks for nothing while the answer stays within what it has reserved', async () => {
    const account = new Account(1_000, 1_000);
    const budget = account.budget();
    await budget.begin(100, 900);
    expect(await say(budget, account, 900)).to.equal(900);
    expect(account).to.deep.include({ asked: [], spent: 0 });
    expect(account.counted).to.be.within(3_400, 3_600);
  });

  it('reserves more before it is used up, and counts every character once', async () => {
    const account = new Account(1_000, 10_000);
    const budget = account.budget();
    await budget.begin(100, null);
    await say(budget, account, 3_000);
    expect(account.spent).to.equal(0);
    expect(account.asked.length).to.be.within(8, 15);
    expect(account.counted).to.be.within(11_000, 12_000);
  });

  for (const limit of [100, 101, 257, 1_000, 1_023]) {
    it(`ends the answer once, just after the quota of ${limit}`, async () => {
      const account = new Account(100, limit);
      const budget = account.budget();
      await budget.begin(20, null);
      expect(20 + (await say(budget, account, 5_000))).to.be.within(limit + 1, limit + 5);
      for (let i = 0; i < 50; i++) budget.heard('a longer piece of text');
      expect(account.spent).to.equal(1);
      expect(account.asked.length).to.be.below(12);
    });
  }

  it('reserves a prompt that is longer than its estimate before the model is asked', async () => {
    const account = new Account(100, 10_000);
    const budget = account.budget();
    await budget.begin(500, 200);
    expect(account.asked).to.deep.equal([700]);
    expect(await say(budget, account, 200)).to.equal(200);
    expect(account.asked).to.deep.equal([700]);
  });

  it('ends an answer whose prompt has passed the quota with its first text', async () => {
    const account = new Account(5, 5);
    const budget = account.budget();
    await budget.begin(20, null);
    expect(account.spent).to.equal(0);
    budget.heard('Yes');
    expect(account.spent).to.equal(1);
  });

  it('ends an answer that has passed its quota while the store is away', async () => {
    const account = new Account(100, 100);
    const budget = account.budget();
    await budget.begin(50, null);
    await say(budget, account, 40);
    account.isAway = true;
    expect(50 + 40 + (await say(budget, account, 500))).to.be.within(101, 105);
    expect(account.failures).to.be.within(1, 3);
  });

  it('goes on with what other answers have given back since it was last refused', async () => {
    const account = new Account(100, 150);
    const budget = account.budget();
    await budget.begin(20, null);
    await say(budget, account, 100);
    expect(account.asked.length).to.be.within(2, 4);
    account.limit = 1_000;
    expect(20 + 100 + (await say(budget, account, 5_000))).to.be.within(1_001, 1_005);
    expect(account.spent).to.equal(1);
  });

  it('lets the answer go on while the store is away, and seldom asks again', async () => {
    const account = new Account(100, 100);
    const budget = account.budget();
    await budget.begin(10, null);
    account.isAway = true;
    expect(await say(budget, account, 2_000)).to.equal(2_000);
    expect(account.failures).to.be.within(2, 6);
    account.isAway = false;
    expect(await say(budget, account, 2_000)).to.be.below(600);
  });
});
