import { mock } from 'node:test';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { SharedRefresh } from '../../../src/client/rest/shared-refresh.js';

/** The news counts as fresh with this lifetime. */
const LIFE = 900;

describe('A refresh shared by the tabs of a browser', () => {
  const tabs: SharedRefresh[] = [];
  let serial = 0;

  beforeEach(() => {
    serial += 1;
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });

  const openTab = () => {
    const tab = new SharedRefresh(`test ${serial}`);
    tabs.push(tab);
    tab.open();
    return tab;
  };
  /** How often the tab itself has refreshed. */
  const counting = (life = LIFE) => {
    const calls = { count: 0 };
    const refresh = async () => {
      calls.count += 1;
      return life;
    };
    return { calls, refresh };
  };
  /** Asks again until the news has arrived, which nothing else shows. */
  const skips = async (tab: SharedRefresh) => {
    const { calls, refresh } = counting();
    let asked = 0;
    await eventually(
      async () => {
        await tab.run(refresh);
        asked += 1;
        return asked - calls.count;
      },
      (skipped) => skipped > 0,
    );
  };

  it('is not repeated by a tab that has just heard of it', async () => {
    const [first, second] = [openTab(), openTab()];
    const { calls, refresh } = counting();
    await first.run(refresh);
    expect(calls.count).to.equal(1);
    await skips(second);
  });

  it('is repeated when the one before failed, and the failure is only its own', async () => {
    const [first, second] = [openTab(), openTab()];
    const failed = await first
      .run(() => Promise.reject(new Error('away')))
      .catch((error: unknown) => error);
    expect(String(failed)).to.include('away');
    const { calls, refresh } = counting();
    await second.run(refresh);
    expect(calls.count).to.equal(1);
  });

  it('is repeated when it is old, though the clock was set back meanwhile', async () => {
    const [first, second] = [openTab(), openTab()];
    const { calls, refresh } = counting(LIFE * 10);
    await first.run(refresh);
    await skips(second);
    mock.timers.enable({ apis: ['Date'], now: Date.now() - 3_600_000 });
    const steady = performance.now() + 10_000;
    mock.method(performance, 'now', () => steady);
    try {
      await second.run(refresh);
    } finally {
      mock.timers.reset();
      mock.restoreAll();
    }
    expect(calls.count).to.equal(2);
  });

  it('is repeated by the tab that did it: whoever asks twice has a reason', async () => {
    const tab = openTab();
    const { calls, refresh } = counting();
    await tab.run(refresh);
    await tab.run(refresh);
    expect(calls.count).to.equal(2);
  });

  it('is not delayed by waiting for news where there are no turns', async () => {
    const { calls, refresh } = counting();
    const done = openTab().run(refresh);
    await new Promise(setImmediate);
    expect(calls.count).to.equal(1);
    await done;
  });

  it('goes on without Web Locks and channels, as in React Native', async () => {
    const { BroadcastChannel: saved } = globalThis;
    Reflect.deleteProperty(globalThis, 'BroadcastChannel');
    try {
      const { calls, refresh } = counting();
      for (const tab of [openTab(), openTab()]) await tab.run(refresh);
      expect(calls.count).to.equal(2);
    } finally {
      globalThis.BroadcastChannel = saved;
    }
  });
});
