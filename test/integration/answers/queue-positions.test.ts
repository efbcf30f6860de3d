import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { fillQueue } from '../../../lab/stores/queue.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';

/** The definition in SQL. Binds: cap per user. */
const DEFINED = `
  SELECT g.message_id AS "messageId", 1 + (
    SELECT count(*) FROM generations w WHERE w.state = 'queued' AND w.id < g.id
      AND (w.conversation_id = g.conversation_id OR w.user_id = g.user_id OR (
        (SELECT count(*) FROM generations r WHERE r.user_id = w.user_id AND r.state = 'running') < $1::integer
        AND NOT EXISTS (SELECT 1 FROM generations e WHERE e.conversation_id = w.conversation_id
          AND e.state <> 'finished' AND e.id < w.id)))) AS position
  FROM generations g WHERE g.state = 'queued' ORDER BY g.id`;

const NO_CAP = Number.POSITIVE_INFINITY;

describe('Positions in line', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    turns = createTurns(sequelize);
  });
  afterEach(async () => {
    await sequelize.close();
    await database.drop();
  });

  /** Message ids of `count` answers, each in its own conversation. */
  const askApart = async (userId: number, count: number) => {
    const ids: number[] = [];
    for (let i = 0; i < count; i++) {
      ids.push((await turns.ask(userId, await turns.conversation(userId))).answer.id);
    }
    return ids;
  };

  const askIn = async (userId: number, conversationId: number, count: number) => {
    const ids: number[] = [];
    for (let i = 0; i < count; i++) ids.push((await turns.ask(userId, conversationId)).answer.id);
    return ids;
  };

  const claim = (room: number, perUser = NO_CAP) =>
    turns.generations.claim({ nodeId: 'a', room, perUser, leaseMs: 60_000, takeOver: true });

  /** Places in the order of `ids`. */
  const places = async (ids: number[], perUser = NO_CAP) => {
    const found = await turns.generations.positions(ids, perUser);
    const byId = new Map(found.map(({ messageId, position }) => [messageId, position]));
    return ids.map((id) => byId.get(id) ?? null);
  };

  it('count those of other users that wait for a free node, and no longer those that run', async () => {
    const ids = [
      ...(await askApart(await turns.user(), 2)),
      ...(await askApart(await turns.user(), 2)),
    ];
    expect(await places(ids)).to.deep.equal([1, 2, 3, 4]);
    await claim(1);
    expect(await places(ids)).to.deep.equal([null, 1, 2, 3]);
  });

  it('count those of the user that come before it while the user is at the cap, and nobody behind', async () => {
    const [ada, bob] = [await turns.user(), await turns.user()];
    const mine = await askApart(ada, 4);
    const theirs = await askApart(bob, 1);
    await claim(1, 1);
    expect(await places([...mine, ...theirs], 1)).to.deep.equal([null, 1, 2, 3, 1]);
  });

  it('count those of others before it that could run, for a user at the cap too', async () => {
    const [ada, bob] = [await turns.user(), await turns.user()];
    await askApart(ada, 1);
    await claim(1, 1);
    const [theirs, mine] = [await askApart(bob, 2), await askApart(ada, 2)];
    expect(await places([...theirs, ...mine], 1)).to.deep.equal([1, 2, 3, 4]);
  });

  it('count those before it in its conversation, and of the conversations of others the first alone', async () => {
    const [ada, bob] = [await turns.user(), await turns.user()];
    const theirs = await askIn(bob, await turns.conversation(bob), 3);
    const mine = await askIn(ada, await turns.conversation(ada), 3);
    expect(await places([...theirs, ...mine])).to.deep.equal([1, 2, 3, 2, 3, 4]);
  });

  it('count one only once that is of the same user and of the same conversation', async () => {
    const [ada, bob] = [await turns.user(), await turns.user()];
    const shared = await turns.conversation(ada);
    const ids = [...(await askIn(ada, shared, 2)), ...(await askIn(bob, shared, 1))];
    ids.push(...(await askIn(ada, shared, 1)));
    expect(await places(ids)).to.deep.equal([1, 2, 3, 4]);
  });

  it('are not given to what is unknown, runs or has ended', async () => {
    const userId = await turns.user();
    const [stopped = 0, runs = 0, waits = 0] = await askApart(userId, 3);
    await turns.generations.requestStop(stopped, 60_000);
    await claim(1);
    expect(
      await turns.generations.positions([stopped, runs, waits, 999_999], NO_CAP),
    ).to.deep.equal([{ messageId: waits, position: 1 }]);
    expect(await turns.generations.positions([], NO_CAP)).to.deep.equal([]);
  });

  it('are what their definition says, whoever has asked in which conversation', async () => {
    const client = createClient(database.url);
    await client.connect();
    const shape = {
      users: 8,
      conversations: 40,
      finished: 20,
      running: 12,
      expired: 2,
      waiting: 200,
    };
    await fillQueue(client, { ...shape, behind: true });
    await client.end();
    // Users other than the owner also ask in a conversation. The numbers only have to be scattered.
    await turns.sql.run('UPDATE generations SET user_id = 1 + (id * 7919 / 13) % 8');
    for (const perUser of [1, 2, NO_CAP]) {
      const defined = await turns.sql.rows<{ messageId: number }>(DEFINED, [
        Math.min(perUser, 1e6),
      ]);
      const ids = defined.map(({ messageId }) => messageId);
      expect(await turns.generations.positions(ids, perUser)).to.deep.equal(defined);
    }
  });
});
