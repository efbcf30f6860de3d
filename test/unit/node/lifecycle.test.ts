import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { Lifecycle, type Service } from '../../../src/node/lifecycle.js';

const NEVER = new AbortController().signal;

/** Services that write down what happens to them. */
function diary() {
  const seen: string[] = [];
  const service = (name: string, more: Partial<Service> = {}): Service => ({
    name,
    start: () => seen.push(`start ${name}`),
    stop: () => seen.push(`stop ${name}`),
    ...more,
  });
  return { seen, service };
}

/** A drain that lasts until it is told to end. */
function lasting(seen: string[], name: string) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const drain = async (ms: number) => {
    seen.push(`drain ${name} ${ms}`);
    await ended;
    seen.push(`drained ${name}`);
  };
  return { drain, end: () => end() };
}

const failing = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};

const errorOf = (promise: Promise<void>) =>
  promise.then(
    () => null,
    (error: Error) => error.message,
  );

describe('The services of a node', () => {
  it('start one after another, and stop in reverse order, what was opened before them last', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    lifecycle.opened('database', () => seen.push('stop database'));
    const slow = async () => {
      await setImmediate();
      seen.push('start a');
    };
    const slowStop = async () => {
      await setImmediate();
      seen.push('stop b');
    };
    await lifecycle.start([service('a', { start: slow }), service('b', { stop: slowStop })], NEVER);
    await lifecycle.stop(0);
    expect(seen).to.deep.equal(['start a', 'start b', 'stop b', 'stop a', 'stop database']);
  });

  it('all stop, also the one that failed, when a start fails midway', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    lifecycle.opened('database', () => seen.push('stop database'));
    const list = [service('a'), service('b', { start: failing('port in use') }), service('c')];
    expect(await errorOf(lifecycle.start(list, NEVER))).to.equal('port in use');
    expect(seen).to.deep.equal(['start a', 'stop b', 'stop a', 'stop database']);
  });

  it('tell why the start failed, not what failed afterwards', async () => {
    const { service } = diary();
    const list = [
      service('a', { stop: failing('cannot stop') }),
      service('b', { start: failing('port in use') }),
    ];
    expect(await errorOf(new Lifecycle().start(list, NEVER))).to.equal('port in use');
  });

  it('begin no more once the start is given up', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    const giveUp = new AbortController();
    const list = [service('a', { start: () => giveUp.abort() }), service('b')];
    await lifecycle.start(list, giveUp.signal);
    await lifecycle.stop(0);
    expect(seen).to.deep.equal(['stop a']);
  });

  it('stop once, however often they are told to', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    await lifecycle.start([service('a')], NEVER);
    await Promise.all([lifecycle.stop(0), lifecycle.stop(0)]);
    await lifecycle.stop(0);
    expect(seen).to.deep.equal(['start a', 'stop a']);
  });

  it('stop although others fail to drain or to stop, and tell the first error', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    const throws = () => {
      throw new Error('second');
    };
    const list = [
      service('a'),
      service('b', { stop: failing('third') }),
      service('c', { stop: throws }),
      service('d', { drain: failing('first') }),
    ];
    await lifecycle.start(list, NEVER);
    expect(await errorOf(lifecycle.stop(0))).to.equal('first');
    expect(seen.slice(4)).to.deep.equal(['stop d', 'stop a']);
  });

  it('drain all at once for the time that is left, before the first one stops', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    const [a, b] = [lasting(seen, 'a'), lasting(seen, 'b')];
    await lifecycle.start([service('a', a), service('b', b)], NEVER);
    const stopped = lifecycle.stop(70);
    expect(seen.slice(2)).to.deep.equal(['drain b 70', 'drain a 70']);
    b.end();
    await setImmediate();
    expect(seen.slice(4)).to.deep.equal(['drained b']);
    a.end();
    await stopped;
    expect(seen.slice(5)).to.deep.equal(['drained a', 'stop b', 'stop a']);
  });

  it('drain after those that they name, also if these fail', async () => {
    const { seen, service } = diary();
    const lifecycle = new Lifecycle();
    const slow = lasting(seen, 'slow');
    const later = [service('slow', slow), service('bad', { drain: failing('drain failed') })];
    const readers = lasting(seen, 'readers');
    readers.end();
    await lifecycle.start(
      [service('readers', { ...readers, drainsAfter: later }), ...later],
      NEVER,
    );
    const stopped = errorOf(lifecycle.stop(5));
    await setImmediate();
    expect(seen.slice(3)).to.deep.equal(['drain slow 5']);
    slow.end();
    expect(await stopped).to.equal('drain failed');
    expect(seen.slice(4, 7)).to.deep.equal(['drained slow', 'drain readers 5', 'drained readers']);
  });
});
