import { mock } from 'node:test';
import { expect } from 'chai';
import { pino } from 'pino';
import { LeaseLost, Stopped } from '../../../src/domain/answers/abort-reasons.js';
import { HeldClaim } from '../../../src/domain/answers/claims/held-claim.js';
import { LeaseKeeper, type Renewed } from '../../../src/domain/answers/claims/lease-keeper.js';

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

describe('A renewal of leases', () => {
  /** Who runs an answer, and why it was aborted. */
  const holderOf = (claim: string) => {
    const aborted: Error[] = [];
    return { held: new HeldClaim(claim), aborted, abort: (reason: Error) => aborted.push(reason) };
  };

  /** Renews once, and resolves to the claims that were asked for. */
  const renewOnce = (
    running: ReturnType<typeof holderOf>[],
    leases: Record<string, Renewed>,
    promised: string[] = [],
    meanwhile = () => {},
  ) =>
    new Promise<readonly string[]>((resolve) => {
      const keeper = new LeaseKeeper<string>(
        {
          async renew(claims) {
            meanwhile();
            setImmediate(() => resolve(claims));
            return (claim) => leases[claim];
          },
          logger: pino({ level: 'silent' }),
          held: () => ({ running, promised }),
        },
        { leaseMs: LEASE_MS },
      );
      keeper.recheck();
    });

  it('aborts who has lost the lease and who is to stop, and nobody else', async () => {
    const [kept, lost, stopped] = [holderOf('kept'), holderOf('lost'), holderOf('stopped')];
    const leases = { kept: { stopRequested: false }, stopped: { stopRequested: true } };
    const asked = await renewOnce([kept, lost, stopped], leases, ['promised']);
    expect(asked).to.deep.equal(['kept', 'lost', 'stopped', 'promised']);
    expect(kept.aborted).to.deep.equal([]);
    expect(lost.aborted).to.have.length(1);
    expect(lost.aborted[0]).to.be.instanceOf(LeaseLost);
    expect(stopped.aborted).to.have.length(1);
    expect(stopped.aborted[0]).to.be.instanceOf(Stopped);
  });

  it('aborts nobody whose claim got another number meanwhile', async () => {
    const raised = holderOf('first');
    const raise = () => void raised.held.raise(async () => 'second');
    expect(await renewOnce([raised], {}, [], raise)).to.deep.equal(['first']);
    expect(raised.aborted).to.deep.equal([]);
    expect(raised.held.current).to.equal('second');
  });
});
