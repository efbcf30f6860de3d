import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { Claim, Outcome } from '../../../src/entities/entities.js';
import type { ClaimLimits } from '../../../src/ports/repositories/generation-repository.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const LEASE_MS = 60_000;

const LIMITS: ClaimLimits = {
  nodeId: 'a',
  room: 100,
  perUser: 100,
  leaseMs: LEASE_MS,
  takeOver: true,
};

/** Each alone would let no further answer of the user begin. */
const HELD_BACK: Record<string, Partial<ClaimLimits>> = {
  'its conversation runs another one': {},
  'its user is at the cap': { perUser: 1 },
  'the node has no room': { room: 0 },
  'the model server asked for a pause': { paused: true },
  'all nodes together are full': { total: 1 },
};

const stoppedWith = (content: string): Outcome => ({
  status: 'stopped',
  content,
  sha256: createHash('sha256').update(content).digest('hex'),
  ...{ reasoning: null, reasoningMs: null, vendor: null, model: null, context: null },
  cursor: { attempt: 1, seq: 1 },
  ...{ finishReason: null, usage: null, currency: null, error: null },
});

describe('stops of waiting answers', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let turns: Turns;
  let userId: number;
  let conversationId: number;

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    db = createDatabase(sequelize);
    turns = createTurns(sequelize);
    userId = await turns.user();
    conversationId = await turns.conversation(userId);
  });
  afterEach(async () => {
    await sequelize.close();
    await database.drop();
  });

  const claimed = async (change: Partial<ClaimLimits> = {}) => {
    const claims = await db.generations.claim({ ...LIMITS, ...change });
    return claims.map(({ messageId }) => messageId);
  };

  const claimOne = async (): Promise<Claim> => {
    const [claim] = await db.generations.claim(LIMITS);
    if (!claim) throw new Error('There is something to claim.');
    return claim;
  };

  /** An answer that was stopped with this text waits to continue, behind one that runs. */
  const continued = async (text: string): Promise<number> => {
    const { answer } = await turns.ask(userId, conversationId);
    await db.generations.finish(await claimOne(), stoppedWith(text));
    const { answer: running } = await turns.ask(userId, conversationId);
    expect(await claimed()).to.deep.equal([running.id]);
    await db.tree.reopen(answer.id, userId, 0);
    expect(await claimed()).to.deep.equal([]);
    return answer.id;
  };

  /** An answer that a node has handed back waits behind one that interrupted it. */
  const handedBack = async (): Promise<number> => {
    const { answer } = await turns.ask(userId, conversationId);
    await db.generations.handBack(await claimOne());
    const first = await turns.ask(userId, conversationId);
    await db.tree.putFirst(conversationId, first.generationId);
    expect(await claimed()).to.deep.equal([first.answer.id]);
    return answer.id;
  };

  it('end one that was to continue at once, with the text that it has', async () => {
    const id = await continued('half');
    expect(await db.generations.requestStop(id, LEASE_MS)).to.include({ state: 'finished' });
    const message = await db.messages.get(id);
    expect(message).to.include({ status: 'stopped', content: 'half', attempt: 2, seq: 1 });
    expect(await claimed()).to.deep.equal([]);
  });

  it('count no delta for one that was to continue without any text', async () => {
    const id = await continued('');
    await db.generations.requestStop(id, LEASE_MS);
    expect(await db.messages.get(id)).to.include({ status: 'stopped', attempt: 2, seq: 0 });
  });

  it('let a deletion wait for none that was to continue', async () => {
    const id = await continued('half');
    expect(await db.transaction((tx) => tx.tree.markDeleted([id]))).to.deep.equal([]);
    expect(await db.generations.requestStop(id, LEASE_MS)).to.equal(null);
  });

  it('leave one that was handed back to a claim, since only the log may have its text', async () => {
    const id = await handedBack();
    expect(await db.generations.requestStop(id, LEASE_MS)).to.include({ state: 'queued' });
    expect(await db.messages.get(id)).to.include({ status: 'queued' });
  });

  for (const [why, change] of Object.entries(HELD_BACK)) {
    it(`let one that was handed back be claimed, although ${why}`, async () => {
      const id = await handedBack();
      expect(await claimed(change)).to.deep.equal([]);
      await db.generations.requestStop(id, LEASE_MS);
      const [claim, ...others] = await db.generations.claim({ ...LIMITS, ...change });
      expect(claim).to.include({ messageId: id, stopRequested: true });
      expect(others).to.deep.equal([]);
    });
  }

  it('take no place from an answer that may begin', async () => {
    const id = await handedBack();
    const other = await turns.ask(userId, await turns.conversation(userId));
    await db.generations.requestStop(id, LEASE_MS);
    const both = await claimed({ room: 1, perUser: 2 });
    expect(both).to.have.members([id, other.answer.id]);
  });

  it('let others take over the claim that was to end one, although its conversation runs another', async () => {
    const id = await handedBack();
    await db.generations.requestStop(id, LEASE_MS);
    expect(await claimed()).to.deep.equal([id]);
    await turns.sql.run(
      `UPDATE generations SET lease_expires_at = clock_timestamp() - interval '1 second' WHERE message_id = $1`,
      [id],
    );
    expect(await claimed({ nodeId: 'b' })).to.deep.equal([id]);
  });
});
