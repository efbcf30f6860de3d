import { expect } from 'chai';
import { pino } from 'pino';
import { eventually } from '../../../lab/eventually.js';
import { Gate } from '../../../lab/gate.js';
import { LIMITS } from '../../../src/contract/limits.js';
import { HeldClaim } from '../../../src/domain/answers/claims/held-claim.js';
import { CompletionScheduler } from '../../../src/domain/completions/completion-scheduler.js';
import type { CompletionClaim } from '../../../src/model/entities.js';

const claimOf = (id: number): CompletionClaim => ({
  ...{ id, claimId: String(id), userId: 1, attempt: 2, tries: 2, reservation: id, reserved: 0 },
  trace: null,
});

describe('A node that takes completions over', () => {
  it('holds a bounded amount of their requests, and takes more as they end', async () => {
    const { completionBytes } = LIMITS;
    const left = [3, 2, 1].map((bodies, at) => ({
      ...claimOf(at),
      bytes: bodies * completionBytes,
    }));
    const rooms: number[] = [];
    const ends = new Map<number, Gate>();
    const scheduler = new CompletionScheduler(
      {
        db: {
          completions: {
            renew: async (_nodeId, _leaseMs, claims) => claims.map(({ id }) => id),
            takeOver: async (_nodeId, _leaseMs, room) => {
              rooms.push(room.bytes / completionBytes);
              return left.splice(0, 1);
            },
          },
        },
        notices: { onNotice: () => ({ close: () => {} }) },
        logger: pino({ level: 'silent' }),
        createRunner: (claim) => {
          const end = new Gate();
          ends.set(claim.id, end);
          const held = new HeldClaim(claim);
          return { claim, held, abort: () => end.open(), run: () => end.opened };
        },
      },
      { nodeId: 'a', leaseMs: 300, pollMs: 5 },
    );
    scheduler.start();
    try {
      await eventually(
        () => ends.size,
        (size) => size === 2,
      );
      scheduler.kick();
      expect(rooms).to.deep.equal([4, 1]);
      ends.get(0)?.open();
      await eventually(
        () => ends.size,
        (size) => size === 3,
      );
      expect(rooms.slice(0, 3)).to.deep.equal([4, 1, 2]);
    } finally {
      await scheduler.stop(0);
    }
  });
});
