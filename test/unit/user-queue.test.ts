import { expect } from 'chai';
import { UserQueue } from '../../src/gateway/flood/user-queue.js';
import { AppError } from '../../src/model/errors.js';

const turnsOver = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('queues of users', () => {
  /** Work that ends when it is told to, and what has begun, in order. */
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
    const queue = new UserQueue(2, 10);
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
    const queue = new UserQueue(3, 100);
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
    const queue = new UserQueue(Number.POSITIVE_INFINITY, 0);
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
    const queue = new UserQueue(1, 1);
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
});
