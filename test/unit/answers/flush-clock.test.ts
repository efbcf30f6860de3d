import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { mock } from 'node:test';
import { expect } from 'chai';
import { FlushClock } from '../../../src/domain/answers/running/flush-clock.js';

/** Resolves at the first flush, and counts flushes. */
function watched() {
  const stream = { flushes: 0, flush: () => {}, flushed: Promise.resolve() };
  stream.flushed = new Promise((resolve) => {
    stream.flush = () => {
      stream.flushes++;
      resolve();
    };
  });
  return stream;
}

const noError = () => {};

/** The time, timers and immediates of a clock, for a test of a single turn: nothing else in the process meets them. */
function timeByHand() {
  const time = { now: 1_000 };
  const timers: { delay: number; holds: boolean; run(): void; unref(): void }[] = [];
  const immediates: (() => void)[] = [];
  const set = (run: () => void, delay: number) => {
    const timer = {
      ...{ delay, run, holds: true },
      unref: () => {
        timer.holds = false;
      },
    };
    timers.push(timer);
    return timer;
  };
  mock.method(performance, 'now', () => time.now);
  mock.method(globalThis, 'setTimeout', set);
  mock.method(globalThis, 'setInterval', set);
  mock.method(globalThis, 'setImmediate', (run: () => void) => immediates.push(run));
  /** Moves the time to when the last timer is due. Its tick and its flush follow. Returns when that was. */
  const ring = (): number => {
    const timer = timers.at(-1);
    const at = time.now + (timer?.delay ?? Number.NaN);
    time.now = at;
    timer?.run();
    for (const run of immediates.splice(0)) run();
    return at;
  };
  return { time, timers, ring };
}

describe('FlushClock', () => {
  const clocks: FlushClock[] = [];
  const create = (...args: ConstructorParameters<typeof FlushClock>) => {
    const clock = new FlushClock(...args);
    clocks.push(clock);
    clock.start();
    return clock;
  };
  /** A test waits for unref'd timers, so something must keep the process alive. */
  let alive: NodeJS.Timeout;
  before(() => {
    alive = setInterval(() => {}, 1_000);
  });
  after(() => clearInterval(alive));
  afterEach(() => {
    for (const clock of clocks.splice(0)) clock.stop();
    mock.restoreAll();
  });

  it('flushes everything scheduled in one tick, each once', async () => {
    const clock = create(5);
    const streams = [watched(), watched()];
    for (const stream of [...streams, ...streams]) clock.schedule(stream);
    await streams[0]?.flushed;
    await Promise.resolve();
    expect(streams.map((stream) => stream.flushes)).to.deep.equal([1, 1]);
  });

  it('flushes on the tick, not in schedule itself, and again only when scheduled again', async () => {
    const clock = create(2);
    const stream = watched();
    clock.schedule(stream);
    expect(stream.flushes).to.equal(0);
    await stream.flushed;
    const later = watched();
    clock.schedule(later);
    await later.flushed;
    expect(stream.flushes).to.equal(1);
  });

  it('puts what is scheduled during a tick into the next one, an interval later', () => {
    const { time, ring } = timeByHand();
    const clock = create(20, noError, () => 0);
    const flushable = {
      flush: () => {
        time.now += 3;
        clock.schedule(flushable);
      },
    };
    clock.schedule(flushable);
    expect([ring(), ring(), ring()]).to.deep.equal([1_020, 1_040, 1_060]);
  });

  it('flushes what is read by the work before a flush in that very flush', async () => {
    const clock = create(2);
    const happened: string[] = [];
    const stream = watched();
    const flush = stream.flush;
    stream.flush = () => {
      happened.push('flushed');
      flush();
    };
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const onRead = () => {
      happened.push('read');
      clock.schedule(stream);
      return true;
    };
    const { port } = server.address() as AddressInfo;
    const onread = { buffer: Buffer.alloc(16), callback: onRead };
    const socket = connect({ port, host: '127.0.0.1', onread });
    try {
      const [peer] = await accepted;
      socket.pause();
      await new Promise((resolve) => peer.write('text', resolve));
      clock.beforeNext(() => {
        happened.push('before');
        socket.resume();
        clock.beforeNext(() => happened.push('before the next'));
      });
      await stream.flushed;
      expect(happened).to.deep.equal(['before', 'read', 'flushed']);
    } finally {
      socket.destroy();
      server.close();
    }
  });

  it('does at once what would come before a flush while it is stopped', () => {
    const clock = create(2);
    const happened: string[] = [];
    clock.beforeNext(() => happened.push('waited'));
    clock.stop();
    clock.beforeNext(() => happened.push('came later'));
    expect(happened).to.deep.equal(['waited', 'came later']);
  });

  it('goes on when one stream throws, and reports it', async () => {
    const errors: unknown[] = [];
    const clock = create(2, (error) => errors.push(error));
    const broken = new Error('broken');
    const healthy = watched();
    clock.schedule({
      flush: () => {
        throw broken;
      },
    });
    clock.schedule(healthy);
    await healthy.flushed;
    expect(errors).to.deep.equal([broken]);
  });

  it('keeps no timer while nothing is scheduled, one while something is, and none that holds the process', () => {
    const { timers, ring } = timeByHand();
    const clock = create(2, noError, () => 0);
    expect(timers).to.have.length(0);
    clock.schedule({ flush: () => {} });
    clock.schedule({ flush: () => {} });
    expect(timers.map(({ holds }) => holds)).to.deep.equal([false]);
    ring();
    expect(timers).to.have.length(1);
  });

  it('flushes nothing after stop, and works again after start', async () => {
    const clock = create(1);
    const forgotten = watched();
    clock.schedule(forgotten);
    clock.stop();
    clock.stop();
    clock.start();
    const stream = watched();
    clock.schedule(stream);
    await stream.flushed;
    expect(forgotten.flushes).to.equal(0);
  });

  it('waits for start', async () => {
    const clock = new FlushClock(1);
    clocks.push(clock);
    const stream = watched();
    clock.schedule(stream);
    const running = watched();
    create(20).schedule(running);
    await running.flushed;
    expect(stream.flushes).to.equal(0);
    clock.start();
    await stream.flushed;
    expect(stream.flushes).to.equal(1);
  });

  it('slows down while flushing keeps the node busy, to at most 65 ms', async () => {
    const clock = create(2, noError, () => 0);
    const intervals: number[] = [];
    await new Promise<void>((resolve) => {
      const stream = {
        flush: () => {
          const until = performance.now() + 60;
          while (performance.now() < until);
          intervals.push(clock.intervalMs);
          if (intervals.length === 5) resolve();
          else clock.schedule(stream);
        },
      };
      clock.schedule(stream);
    });
    expect(intervals[0]).to.equal(2);
    expect(intervals[1]).to.be.greaterThan(20);
    expect(Math.max(...intervals)).to.equal(65);
  });

  it('goes on at once after a tick that took longer than the interval', () => {
    const { time, timers, ring } = timeByHand();
    const clock = create(65, noError, () => 0);
    const flushable = {
      flush: () => {
        time.now += 70;
        clock.schedule(flushable);
      },
    };
    clock.schedule(flushable);
    for (let tick = 0; tick < 3; tick += 1) ring();
    expect(timers.slice(1).map(({ delay }) => delay)).to.deep.equal([0, 0, 0]);
  });

  /** The intervals at the first flushes of a clock that samples the busy share at every tick. */
  const intervalsOf = async (intervalMs: number, busyShare: () => number, flushes: number) => {
    const clock = create(intervalMs, noError, busyShare);
    const intervals: number[] = [];
    await new Promise<void>((resolve) => {
      const stream = {
        flush: () => {
          intervals.push(clock.intervalMs);
          if (intervals.length === flushes) resolve();
          else clock.schedule(stream);
        },
      };
      clock.schedule(stream);
    });
    return intervals;
  };

  it('slows down while anything keeps the node busy, the more the busier, to at most 65 ms', async () => {
    let share = 0;
    const busier = () => {
      share = Math.min(1, share + 0.5);
      return share;
    };
    const intervals = await intervalsOf(50, busier, 12);
    expect(intervals).to.deep.equal([...intervals].sort((a, b) => a - b));
    expect(intervals[0]).to.be.within(50, 62);
    expect(intervals.at(-1)).to.equal(65);
  });

  it('keeps an interval that was configured to be longer', async () => {
    expect(await intervalsOf(120, () => 1, 2)).to.deep.equal([120, 120]);
  });
});
