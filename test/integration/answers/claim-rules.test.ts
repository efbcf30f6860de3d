import { expect } from 'chai';
import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { fillQueue } from '../../../lab/stores/queue.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createGenerationRepository } from '../../../src/adapters/postgres/queue/generation-repository.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { transaction } from '../../../src/adapters/postgres/sql/sql.js';
import type { ClaimLimits } from '../../../src/ports/repositories/generation-repository.js';

const LIMITS: ClaimLimits = {
  nodeId: 'a',
  room: 1_000,
  perUser: 100,
  leaseMs: 60_000,
  takeOver: true,
};

interface QueueRow {
  id: number;
  user_id: number;
  conversation_id: number;
  state: 'queued' | 'running';
  expired: boolean;
}

/** The unfinished rows that may be claimed, lowest id first: a simple rule that the SQL is compared with. */
function mayRun(rows: QueueRow[], perUser: number): number[] {
  const running = new Map<number, number>();
  const count = (userId: number) => running.get(userId) ?? 0;
  for (const row of rows)
    if (row.state === 'running') running.set(row.user_id, count(row.user_id) + 1);
  const heads = rows.filter(
    (row) => row === rows.find((other) => other.conversation_id === row.conversation_id),
  );
  const taken = heads.filter((row) => {
    if (row.state === 'running') return row.expired;
    running.set(row.user_id, count(row.user_id) + 1);
    return count(row.user_id) <= perUser;
  });
  return taken.map((row) => row.id);
}

describe('claims of a mixed queue', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;
  let client: pg.Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    turns = createTurns(sequelize);
    client = createClient(database.url);
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await sequelize.close();
    await database.drop();
  });

  const claimedIds = async (change: Partial<ClaimLimits> = {}, generations = turns.generations) =>
    (await generations.claim({ ...LIMITS, ...change })).map((claim) => claim.generationId);

  it('take exactly those that may run, whoever has asked in which conversation', async () => {
    const shape = {
      users: 8,
      conversations: 120,
      finished: 40,
      running: 30,
      expired: 10,
      waiting: 300,
    };
    for (const perUser of [1, 3, 5, 100]) {
      await fillQueue(client, { ...shape, behind: true });
      // Users other than the owner also ask in a conversation. The numbers only have to be scattered.
      await client.query('UPDATE generations SET user_id = 1 + (id * 7919 / 13) % 8');
      const rows = await turns.sql.rows<QueueRow>(
        `SELECT id, user_id, conversation_id, state, lease_expires_at < now() AS expired FROM generations
         WHERE state <> 'finished' ORDER BY id`,
      );
      expect(await claimedIds({ perUser })).to.deep.equal(mayRun(rows, perUser));
      expect(await claimedIds({ perUser })).to.deep.equal([]);
    }
  });

  it('pass over users that somebody else holds, and look further', async () => {
    const [held, free] = [await turns.user(), await turns.user()];
    for (let i = 0; i < 3; i++) await turns.ask(held, await turns.conversation(held));
    const last = await turns.ask(free, await turns.conversation(free));
    await transaction(sequelize, async (tx) => {
      await tx.run('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [held]);
      expect(await claimedIds({ room: 1 })).to.deep.equal([last.generationId]);
    });
  });

  it('give a user no more than the cap when they overlap', async () => {
    const userId = await turns.user();
    const first = await turns.ask(userId, await turns.conversation(userId));
    await turns.ask(userId, await turns.conversation(userId));
    await transaction(sequelize, async (tx) => {
      const within = createGenerationRepository(tx, (work) => work(tx));
      const claimed = await claimedIds({ perUser: 1, room: 1 }, within);
      expect(claimed).to.deep.equal([first.generationId]);
      expect(await claimedIds({ perUser: 1 })).to.deep.equal([]);
    });
    expect(await claimedIds({ perUser: 1 })).to.deep.equal([]);
  });

  it('lock no user whose answers they leave alone', async () => {
    const [taken, left] = [await turns.user(), await turns.user()];
    const first = await turns.ask(taken, await turns.conversation(taken));
    await turns.ask(left, await turns.conversation(left));
    await transaction(sequelize, async (tx) => {
      const within = createGenerationRepository(tx, (work) => work(tx));
      expect(await claimedIds({ room: 1 }, within)).to.deep.equal([first.generationId]);
      const found = await turns.sql.rows('SELECT id FROM users FOR NO KEY UPDATE SKIP LOCKED');
      expect(found).to.deep.equal([{ id: left }]);
    });
  });
});
