import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { createPasswordHasher } from '../../../src/adapters/bcrypt/password-hasher.js';
import { AppError } from '../../../src/entities/errors.js';
import type { PasswordHasher } from '../../../src/ports/password-hasher.js';

const codeOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' && result.reason instanceof AppError ? result.reason.code : 'none';

/** Other programs only make a piece of work longer, so its shortest time is nearest to what it costs. */
const shortest = (values: number[]) => Math.min(...values);

describe('password hasher', () => {
  let hasher: PasswordHasher;

  before(() => {
    hasher = createPasswordHasher({ cost: 8, threads: 1, maxQueue: 2 });
  });
  after(() => hasher.stop());

  it('recognises a password by its hash, and no other', async () => {
    const hash = await hasher.hash('SecurePass123!');
    expect(hash).to.match(/^\$2[aby]\$08\$/);
    expect(await hasher.verify('SecurePass123!', hash)).to.equal(true);
    expect(await hasher.verify('SecurePass123?', hash)).to.equal(false);
  });

  it('takes a real verification for a user who does not exist, and answers false', async () => {
    const hash = await hasher.hash('SecurePass123!');
    const timed = async (against: string | null) => {
      const start = performance.now();
      expect(await hasher.verify('SecurePass123!', against)).to.equal(against !== null);
      return performance.now() - start;
    };
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 5; i += 1) {
      known.push(await timed(hash));
      unknown.push(await timed(null));
    }
    expect(shortest(unknown)).to.be.greaterThan(shortest(known) / 4);
  });

  it('takes as long for a wrong password when the hash is of a lower cost', async () => {
    const cheap = createPasswordHasher({ cost: 4, threads: 1 });
    const hash = await cheap.hash('SecurePass123!');
    await cheap.stop();
    const timed = async (against: string | null) => {
      const start = performance.now();
      expect(await hasher.verify('wrong', against)).to.equal(false);
      return performance.now() - start;
    };
    const [old, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 9; i += 1) {
      old.push(await timed(hash));
      unknown.push(await timed(null));
    }
    expect(shortest(old) / shortest(unknown)).to.be.within(0.4, 3);
    expect(hasher.isOutdated(hash)).to.equal(true);
    expect(hasher.isOutdated(await hasher.hash('SecurePass123!'))).to.equal(false);
  });

  it('waits no more often for a thread when the hash is of a lower cost', async () => {
    const cheap = createPasswordHasher({ cost: 4, threads: 1 });
    const hash = await cheap.hash('SecurePass123!');
    await cheap.stop();
    const ended: string[] = [];
    const all = [
      hasher.verify('wrong', hash).then(() => ended.push('old')),
      hasher.hash('SecurePass123!').then(() => ended.push('next')),
      hasher.hash('SecurePass123!').then(() => ended.push('last')),
    ];
    await Promise.all(all);
    expect(ended.at(-1)).to.equal('last');
  });

  it('leaves the event loop free while it works', async () => {
    const slow = createPasswordHasher({ cost: 11, threads: 1 });
    // The first one starts the thread.
    await slow.hash('SecurePass123!');
    let isHashed = false;
    const hashed = slow.hash('SecurePass123!').then(() => {
      isHashed = true;
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    const wasHashed = isHashed;
    await hashed;
    await slow.stop();
    expect(wasHashed).to.equal(false);
  });

  it('refuses what does not fit its queue instead of letting it grow', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => hasher.hash('SecurePass123!')),
    );
    const codes = all.map(codeOf);
    expect(codes).to.include('unavailable').and.to.include('none');
    expect(codes.filter((code) => code === 'none').length).to.be.at.most(4);
  });

  it('refuses after it was stopped, and stops once', async () => {
    const stopped = createPasswordHasher({ cost: 4 });
    await Promise.all([stopped.stop(), stopped.stop()]);
    const [result] = await Promise.allSettled([stopped.hash('SecurePass123!')]);
    expect(result && codeOf(result)).to.equal('unavailable');
  });
});
