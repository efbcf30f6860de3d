import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { eventually } from '../../../lab/eventually.js';
import { Gate } from '../../../lab/gate.js';
import { LIMITS } from '../../../src/contract/limits.js';
import { HeldClaim } from '../../../src/domain/answers/claims/held-claim.js';
import { CompletionScheduler } from '../../../src/domain/completions/completion-scheduler.js';
import type { CompletionClaim } from '../../../src/entities/entities.js';
import type { TakenCompletion } from '../../../src/ports/repositories/completion-repository.js';

const claimOf = (id: number): CompletionClaim => ({
  ...{ id, claimId: String(id), userId: 1, attempt: 2, tries: 2, reservation: id, reserved: 0 },
  trace: null,
});

describe('The scheduler of completions', () => {
  /** What other nodes have left; each look takes one. */
  let left: TakenCompletion[];
  /** The bytes that each look had room for, in largest requests. */
  let rooms: number[];
  let runs: Map<number, Gate>;
  let scheduler: CompletionScheduler;

  beforeEach(() => {
    left = [];
    rooms = [];
    runs = new Map();
    scheduler = new CompletionScheduler(
      {
        db: {
          completions: {
            renew: async (_nodeId, _leaseMs, claims) => claims.map(({ id }) => id),
            takeOver: async (_nodeId, _leaseMs, room) => {
              rooms.push(room.bytes / LIMITS.completionBytes);
              return left.splice(0, 1);
            },
          },
        },
        notices: { onNotice: () => ({ close: () => {} }) },
        logger: pino({ level: 'silent' }),
        createRunner: (claim) => {
          const end = new Gate();
          runs.set(claim.id, end);
          const held = new HeldClaim(claim);
          return { held, abort: () => end.open(), run: () => end.opened };
        },
      },
      { nodeId: 'a', leaseMs: 300, pollMs: 5 },
    );
    scheduler.start();
  });
  afterEach(() => scheduler.stop(0));

  const runsOf = (count: number) =>
    eventually(
      () => runs.size,
      (size) => size === count,
    );

  it('holds a bounded amount of requests of others, and takes more as they end', async () => {
    left = [3, 2, 1].map((bodies, id) => ({
      ...claimOf(id),
      bytes: bodies * LIMITS.completionBytes,
    }));
    await runsOf(2);
    scheduler.kick();
    expect(rooms).to.deep.equal([4, 1]);
    runs.get(0)?.open();
    await runsOf(3);
    expect(rooms.slice(0, 3)).to.deep.equal([4, 1, 2]);
  });

  it('does not end before a claim that was being made has begun and ended', async () => {
    const stored = new Gate();
    const claiming = scheduler.claiming(async () => {
      await stored.opened;
      scheduler.run(claimOf(1), null);
    });
    let hasEnded = false;
    const stop = scheduler.stop(60_000).then(() => {
      hasEnded = true;
    });
    await turn();
    stored.open();
    await claiming;
    await turn();
    expect(hasEnded).to.equal(false);
    runs.get(1)?.open();
    await stop;
  });

  it('ends in time although a claim is never made, and hands it back if it comes later', async () => {
    const stored = new Gate();
    const claiming = scheduler.claiming(async () => {
      await stored.opened;
      scheduler.run(claimOf(1), null);
    });
    await scheduler.stop(10);
    stored.open();
    await claiming;
    await runs.get(1)?.opened;
  });
});
