import { mock } from 'node:test';
import { expect } from 'chai';
import { pino } from 'pino';
import { Retention } from '../../../src/domain/retention.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('retention', () => {
  let calls: Record<string, number>;
  let retention: Retention;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    calls = { first: 0, second: 0, urgent: 0 };
    const job = (name: string): [string, () => Promise<number>] => [
      name,
      async () => {
        calls[name] = (calls[name] ?? 0) + 1;
        if (name === 'first') throw new Error('away');
        return 0;
      },
    ];
    const hourly = new Map([job('first'), job('second')]);
    retention = new Retention(hourly, pino({ level: 'silent' }), new Map([job('urgent')]));
    retention.start();
  });
  afterEach(async () => {
    await retention.stop();
    mock.timers.reset();
  });

  /** Lets what a timer began go on until it waits for the next one. */
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += MINUTE_MS) {
      mock.timers.tick(MINUTE_MS);
      await new Promise(setImmediate);
    }
  };

  it('runs every job in the first ten minutes, also after one that fails', async () => {
    await advance(10 * MINUTE_MS);
    expect(calls).to.deep.equal({ first: 1, second: 1, urgent: 10 });
  });

  it('runs them again an hour later, and nothing after its stop', async () => {
    await advance(10 * MINUTE_MS + HOUR_MS);
    expect(calls).to.deep.equal({ first: 2, second: 2, urgent: 70 });
    await retention.stop();
    await advance(2 * HOUR_MS);
    expect(calls).to.deep.equal({ first: 2, second: 2, urgent: 70 });
  });
});
