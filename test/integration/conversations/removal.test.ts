import { expect } from 'chai';
import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { Claim, Outcome } from '../../../src/entities/entities.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

/** Connections, and so the calls that meet each other. */
const AT_ONCE = 16;
const LIMITS = { nodeId: 'a', room: 100, perUser: 100, leaseMs: 60_000, takeOver: true };

const outcome: Outcome = {
  status: 'completed',
  content: 'text',
  sha256: '00',
  reasoning: null,
  reasoningMs: null,
  vendor: null,
  model: null,
  context: null,
  cursor: { attempt: 1, seq: 1 },
  finishReason: 'stop',
  usage: null,
  currency: null,
  error: null,
};

describe('Removal while answers end', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let turns: Turns;
  let other: pg.Client;
  let watcher: pg.Client;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: AT_ONCE });
    db = createDatabase(sequelize);
    turns = createTurns(sequelize);
    other = createClient(database.url);
    watcher = createClient(database.url);
    await Promise.all([other.connect(), watcher.connect()]);
  });
  after(async () => {
    await Promise.all([other.end(), watcher.end()]);
    await sequelize.close();
    await database.drop();
  });

  /** Fills the pool. A busy Postgres may need several tries to open that many connections in time. */
  const openConnections = () =>
    eventually(
      () =>
        Promise.all(
          Array.from({ length: AT_ONCE }, () => turns.sql.run('SELECT pg_sleep(0.1)')),
        ).then(
          () => true,
          () => false,
        ),
      Boolean,
    );

  /** No call waits for a connection, because a busy machine would refuse it then. */
  const runAll = async (calls: (() => Promise<unknown>)[]) => {
    const runner = async () => {
      for (let call = calls.shift(); call; call = calls.shift()) await call();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
  };

  const runningClaim = async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const { generationId } = await turns.ask(userId, conversationId);
    const [claim] = await turns.generations.claim(LIMITS, generationId);
    if (!claim) throw new Error('not claimed');
    return claim;
  };

  const waiting = (count: number) =>
    eventually(
      async () => {
        const { rows } = await watcher.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length;
      },
      (found) => found === count,
    );

  /**
   * Runs both up to the generation, which another transaction has locked, the first before the second, then releases
   * it.
   */
  const meet = async (
    claim: Claim,
    first: () => Promise<unknown>,
    second: () => Promise<unknown>,
  ) => {
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM generations WHERE id = $1 FOR UPDATE', [claim.generationId]);
    const ends = [first()];
    await waiting(1);
    ends.push(second());
    await waiting(2);
    await other.query('COMMIT');
    return Promise.all(ends);
  };

  const isGone = async ({ userId, messageId }: Claim) =>
    (await db.messages.find(messageId, userId)) === null || (await db.users.find(userId)) === null;
  const finish = (claim: Claim) => db.generations.finish(claim, outcome);
  const removals = {
    'a conversation': ({ conversationId }: Claim) => db.conversations.delete(conversationId),
    'an account': ({ userId }: Pick<Claim, 'userId'>) =>
      db.transaction((tx) => tx.users.delete(userId)),
  };

  for (const [what, remove] of Object.entries(removals)) {
    it(`of ${what} goes before an answer that ends a moment later`, async () => {
      const claim = await runningClaim();
      const [, end] = await meet(
        claim,
        () => remove(claim),
        () => finish(claim),
      );
      expect(end).to.equal('finished');
      expect(await isGone(claim)).to.equal(true);
    });

    it(`of ${what} waits for an answer that ends a moment earlier`, async () => {
      const claim = await runningClaim();
      const [end] = await meet(
        claim,
        () => finish(claim),
        () => remove(claim),
      );
      expect(end).to.equal('finished');
      expect(await isGone(claim)).to.equal(true);
    });

    it(`of ${what} and ends, stops and claims of many answers at once refuse nobody`, async () => {
      const claims: Claim[] = [];
      for (let i = 0; i < 24; i++) {
        claims.push(await runningClaim());
        await turns.ask(claims[i]?.userId ?? 0, claims[i]?.conversationId ?? 0);
      }
      await openConnections();
      await runAll(
        claims.flatMap((claim) => [
          () => finish(claim),
          () => remove(claim),
          () => db.generations.requestStop(claim.messageId, 60_000),
          () => db.generations.claim(LIMITS),
        ]),
      );
      expect(
        await turns.sql.rows(`SELECT 1 FROM generations WHERE state = 'queued'`),
      ).to.deep.equal([]);
    });
  }

  it('of an account goes before a renewal of its leases, in whatever order they are', async () => {
    const low = await runningClaim();
    const turn = await turns.ask(low.userId, await turns.conversation(low.userId));
    const [high] = await turns.generations.claim(LIMITS, turn.generationId);
    if (!high) throw new Error('not claimed');
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM generations WHERE id = $1 FOR UPDATE', [low.generationId]);
    const removal = removals['an account'](low);
    await waiting(1);
    const renewal = db.generations.renew('a', 60_000, [high, low]);
    await waiting(2);
    await other.query('COMMIT');
    const [running, renewed] = await Promise.all([removal, renewal]);
    const ids = [low, high].map(({ generationId }) => generationId);
    expect(running).to.deep.equal(ids);
    const stopped = ids.map((generationId) => ({ generationId, stopRequested: true }));
    expect(renewed).to.have.deep.members(stopped);
  });

  it('of an account waits for its send that is under way', async () => {
    const { userId, conversationId } = await runningClaim();
    const removed = await db.transaction(async (tx) => {
      await tx.users.holdCredentials(userId);
      const removal = removals['an account']({ userId });
      await waiting(1);
      expect(await tx.conversations.lock(conversationId, userId)).to.include({
        id: conversationId,
      });
      return { removal };
    });
    await removed.removal;
    expect(await db.users.find(userId)).to.equal(null);
  });
});
