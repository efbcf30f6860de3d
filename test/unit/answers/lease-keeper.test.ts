import { mock } from 'node:test';
import { expect } from 'chai';
import { pino } from 'pino';
import { LeaseKeeper } from '../../../src/domain/answers/claims/lease-keeper.js';

const LEASE_MS = 6_000;

describe('The keeper of leases', () => {
  let keeper: LeaseKeeper<never>;
  let silent: boolean;
  let thaw = () => {};

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 });
    silent = false;
    const frozen = () =>
      new Promise<void>((resolve) => {
        thaw = () => resolve();
      });
    keeper = new LeaseKeeper(
      {
        renew: async () => {
          if (silent) await frozen();
          return () => undefined;
        },
        logger: pino({ level: 'silent' }),
        held: () => ({ running: [], promised: [] }),
      },
      { leaseMs: LEASE_MS },
      Date.now,
    );
    keeper.start();
  });
  afterEach(() => {
    keeper.stop();
    mock.timers.reset();
  });

  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      mock.timers.tick(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('takes over after a whole lease of healthy Postgres, not before', async () => {
    await pass(LEASE_MS - 100);
    expect(keeper.mayTakeOver).to.equal(false);
    await pass(100);
    expect(keeper.mayTakeOver).to.equal(true);
    await pass(LEASE_MS * 2);
    expect(keeper.mayTakeOver).to.equal(true);
  });

  it('takes over nothing when a silence was long enough for living owners to lose their leases', async () => {
    await pass(LEASE_MS);
    silent = true;
    await pass(LEASE_MS * (2 / 3));
    expect(keeper.mayTakeOver).to.equal(false);
    silent = false;
    thaw();
    for (let passed = 0; passed < LEASE_MS; passed += 1_000) {
      expect(keeper.mayTakeOver).to.equal(false);
      await pass(1_000);
    }
    await pass(LEASE_MS / 3);
    expect(keeper.mayTakeOver).to.equal(true);
  });
});
