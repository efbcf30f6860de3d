import { expect } from 'chai';
import { LIMITS } from '../../../src/contract/limits.js';
import { KeyedBuckets } from '../../../src/domain/limits/keyed-buckets.js';
import { UserQueue } from '../../../src/domain/limits/user-queue.js';
import { AppError } from '../../../src/entities/errors.js';
import { userQueues } from '../../../src/node/settings.js';

const PAGE = LIMITS.pageBytes;

const line = (
  atOnce: number,
  mostWaiting: number,
  sent = new KeyedBuckets(Number.POSITIVE_INFINITY, 0),
) => new UserQueue({ atOnce, mostWaiting }, sent);

const turnsOver = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('queues of users', () => {
  /** Work that ends when it is told to, and the order in which it began. */
  const work = () => {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const named = (name: string) => () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    };
    return { begun, named, end: (name: string) => ends.get(name)?.() };
  };

  it('let so much of one user run at once, the rest in order, and others beside it', async () => {
    const queue = line(2, 10);
    const { begun, named, end } = work();
    const mine = ['a', 'b', 'c', 'd'].map((name) => queue.run(1, named(name)));
    const other = queue.run(2, named('other'));
    await turnsOver();
    expect(begun).to.deep.equal(['a', 'b', 'other']);
    end('b');
    await mine[1];
    await turnsOver();
    expect(begun).to.deep.equal(['a', 'b', 'other', 'c']);
    for (const name of ['a', 'c', 'other']) end(name);
    await Promise.all([mine[0], mine[2], other]);
    await turnsOver();
    end('d');
    await mine[3];
    expect(begun.at(-1)).to.equal('d');
  });

  it('come one by one and with pauses for who has had many without a rest, still in order', async () => {
    const queue = line(3, 100);
    const begun: number[] = [];
    let running = 0;
    const beside: number[] = [];
    const began = performance.now();
    const work = async (n: number) => {
      begun.push(n);
      running += 1;
      beside.push(running);
      await turnsOver();
      running -= 1;
    };
    await Promise.all(Array.from({ length: 32 }, (_, n) => queue.run(1, () => work(n))));
    expect(performance.now() - began).to.be.above(150);
    expect(begun).to.deep.equal(Array.from({ length: 32 }, (_, n) => n));
    expect(beside.slice(3, 20)).to.include(3);
    expect(beside.slice(-8)).to.deep.equal(Array.from({ length: 8 }, () => 1));
  });

  it('are all at once when limits are off', async () => {
    const queue = line(Number.POSITIVE_INFINITY, 0);
    const { begun, named, end } = work();
    const names = Array.from({ length: 60 }, (_, n) => String(n));
    const run = (some: string[]) => some.map((name) => queue.run(1, named(name)));
    const first = run(names.slice(0, 30));
    await turnsOver();
    for (const name of names.slice(1, 30)) end(name);
    await Promise.all(first.slice(1));
    const rest = run(names.slice(30));
    await turnsOver();
    expect(begun).to.deep.equal(names);
    for (const name of names) end(name);
    await Promise.all([...first, ...rest]);
  });

  it('refuse what would wait beyond their bound, and go on after work that failed', async () => {
    const queue = line(1, 1);
    const { named, end } = work();
    const [running, waiting] = [
      queue.run(1, named('a')),
      queue.run(1, () => Promise.reject(new Error('broken'))),
    ];
    const refused = await queue.run(1, named('c')).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(AppError).and.include({ code: 'rate_limited' });
    end('a');
    await running;
    expect(await waiting.catch((error: Error) => error.message)).to.equal('broken');
    const last = queue.run(1, named('d'));
    await turnsOver();
    end('d');
    await last;
  });

  describe('for pages', () => {
    const isPage = true;
    /** A budget that refills by almost nothing during a test. */
    const budget = () => new KeyedBuckets(1, 2 * PAGE);

    it('wait until earlier answers are paid for, while other work goes past them', async () => {
      const queue = line(3, 10, budget());
      const { begun, named, end } = work();
      queue.charge(1, 3 * PAGE);
      let isWanted = true;
      const page = queue.run(1, named('page'), { isPage, isWanted: () => isWanted });
      const other = queue.run(1, named('other'));
      const another = queue.run(2, named('another'), { isPage });
      await turnsOver();
      expect(begun).to.deep.equal(['other', 'another']);
      for (const name of begun) end(name);
      await Promise.all([other, another]);
      await turnsOver();
      expect(begun).to.have.length(2);
      isWanted = false;
      await Promise.all([queue.run(1, async () => {}), page.catch(() => {})]);
    });

    it('are one at a time once the budget is used, and more when it has come back', async () => {
      const queue = line(3, 10, budget());
      const { begun, named, end } = work();
      queue.charge(1, 2 * PAGE);
      const pages = ['a', 'b'].map((name) => queue.run(1, named(name), { isPage }));
      await turnsOver();
      expect(begun).to.deep.equal(['a']);
      end('a');
      await pages[0];
      await turnsOver();
      expect(begun).to.deep.equal(['a', 'b']);
      queue.charge(1, -2 * PAGE);
      const more = ['c', 'd'].map((name) => queue.run(1, named(name), { isPage }));
      await turnsOver();
      expect(begun).to.deep.equal(['a', 'b', 'c', 'd']);
      for (const name of ['b', 'c', 'd']) end(name);
      await Promise.all([...pages, ...more]);
    });

    it('come by themselves when it is paid for, in one budget for several lines', async () => {
      const sent = new KeyedBuckets(20 * PAGE, PAGE);
      const [reads, events] = [line(3, 10, sent), line(3, 10, sent)];
      const began = performance.now();
      events.charge(1, 2 * PAGE);
      await reads.run(1, async () => {}, { isPage });
      expect(performance.now() - began).to.be.above(40);
    });

    it('are refused beyond their bound, and not begun when nobody wants them any more', async () => {
      const queue = line(3, 1, budget());
      const { begun, named } = work();
      queue.charge(1, 3 * PAGE);
      let isWanted = true;
      const page = queue.run(1, named('page'), { isPage, isWanted: () => isWanted });
      const codeOf = (error: unknown) => Reflect.get(Object(error), 'code');
      const refused = queue.run(1, named('refused'), { isPage }).catch(codeOf);
      expect(await refused).to.equal('rate_limited');
      isWanted = false;
      await queue.run(1, async () => {});
      expect(await page.catch(codeOf)).to.equal('unavailable');
      expect(begun).to.deep.equal([]);
    });

    it('are three at a time, and two hundred wait at most; for events that is five hundred', async () => {
      const { reads, events } = userQueues(1);
      const codeOf = (error: unknown) => Reflect.get(Object(error), 'code');
      for (const [queue, most] of [
        [reads, 200],
        [events, 500],
      ] as const) {
        const { begun, named } = work();
        for (let i = 0; i < most + 3; i++) void queue.run(1, named(String(i)));
        const refused = await queue.run(1, named('refused')).catch(codeOf);
        expect(refused).to.equal('rate_limited');
        expect(begun).to.have.length(3);
      }
    });
  });
});
