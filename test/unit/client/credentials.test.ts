import { mock } from 'node:test';
import { expect } from 'chai';
import { createCredentials } from '../../../src/client/rest/credentials.js';
import { createRest } from '../../../src/client/rest/rest.js';
import { stopwatch } from '../../../src/client/time/stopwatch.js';

const HOUR_MS = 3_600_000;

describe('The credentials of a client', () => {
  let refreshed: number;
  const create = () =>
    createCredentials(
      {
        token: 'first',
        refresh: async () => {
          refreshed += 1;
          return `token ${refreshed}`;
        },
      },
      () => createRest({ url: '', token: () => null, timeoutMs: 1 }),
    );

  beforeEach(() => {
    refreshed = 0;
  });
  afterEach(() => mock.timers.reset());

  it('are renewed again though the clock was set back', async () => {
    const credentials = create();
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await credentials.renew();
    mock.timers.setTime(Date.now() - HOUR_MS);
    await credentials.renew();
    expect(refreshed).to.equal(2);
    expect(credentials.token()).to.equal('token 2');
  });

  it('are renewed once for calls that had begun before', async () => {
    const credentials = create();
    const began = performance.now();
    await Promise.all([credentials.renew(began), credentials.renew(began)]);
    await credentials.renew(began);
    expect(refreshed).to.equal(1);
  });
});

describe('A stopwatch', () => {
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  it('goes on when the clock is set back, and counts the sleep of a device', () => {
    let steady = 1_000;
    mock.method(performance, 'now', () => steady);
    mock.timers.enable({ apis: ['Date'], now: HOUR_MS });
    const passed = stopwatch();
    mock.timers.setTime(0);
    steady += 5;
    expect(passed()).to.equal(5);
    mock.timers.setTime(2 * HOUR_MS);
    expect(passed()).to.equal(HOUR_MS);
  });
});
