import { expect } from 'chai';
import type pg from 'pg';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { plansOf } from '../../../lab/stores/query-plan.js';
import { fillQueue } from '../../../lab/stores/queue.js';
import * as queue from '../../../lab/stores/queue-work.js';

const CAP = 5;
const ROOM = 50;
const SHAPE = {
  finished: 20_000,
  waiting: 2_000,
  running: 60,
  expired: 4,
  users: 200,
  conversations: 1_000,
};
const UNFINISHED = SHAPE.waiting + SHAPE.running;
/** Number of the oldest finished rows that are checked. */
const WINDOW = 1_000;

/** Most rows of `generations` that a piece of work may read and sort, whatever else is stored. */
interface Bounded {
  work: queue.Work;
  touched: number;
  sorted: number;
}

const BOUNDED: Record<string, Bounded> = {
  'a poll for one': { work: queue.poll(CAP, 1), touched: 3 * SHAPE.running, sorted: 10 },
  'a poll for many': {
    work: queue.poll(CAP, ROOM),
    touched: 3 * SHAPE.running + 5 * ROOM,
    sorted: ROOM,
  },
  'a poll without room': { work: queue.poll(CAP, 0), touched: 10, sorted: 1 },
  'the claim in a send': { work: queue.claimInSend(CAP), touched: 10, sorted: 1 },
  'the count of a user': { work: queue.pending, touched: 20, sorted: 0 },
  'a renewal': { work: queue.renew(ROOM), touched: 6 * ROOM, sorted: ROOM },
  'an end': { work: queue.finish, touched: 4, sorted: 0 },
  'a look for what is unannounced': { work: queue.takeUnannounced, touched: 2 * WINDOW, sorted: 0 },
  'positions in line': {
    work: queue.positions(ROOM, CAP),
    touched: 4 * UNFINISHED,
    sorted: UNFINISHED,
  },
};

/** Describes everything that exceeds the bounds. */
async function excesses(client: pg.Client, bounded: Record<string, Bounded>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, { work, touched, sorted }] of Object.entries(bounded)) {
    for (const [statement, plan] of await plansOf(client, work)) {
      if (plan.touched > touched) found.push(`${name}: ${statement} touches ${plan.touched} rows`);
      if (plan.sorted > sorted) found.push(`${name}: ${statement} sorts ${plan.sorted} rows`);
      for (const table of plan.scanned) found.push(`${name}: ${statement} scans ${table}`);
    }
  }
  return found;
}

describe('Plans of the queue', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = createClient(database.url);
    await client.connect();
    // The planner must know only what the test says.
    await client.query('ALTER TABLE generations SET (autovacuum_enabled = off)');
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  const withoutIndex = async (name: string, bounded: Record<string, Bounded>) => {
    const { rows } = await client.query(
      `SELECT pg_get_indexdef('${name}'::regclass) AS definition`,
    );
    await client.query(`DROP INDEX ${name}`);
    const found = await excesses(client, bounded);
    await client.query(rows[0].definition);
    return found;
  };

  const STATISTICS: Record<string, () => Promise<unknown>> = {
    'nothing is known of the table': () => fillQueue(client, SHAPE),
    'the queue was empty when it was analyzed': async () => {
      await fillQueue(client, { ...SHAPE, finished: 2_000, waiting: 0, running: 0, expired: 0 });
      await client.query('ANALYZE');
      await fillQueue(client, SHAPE);
    },
    'all lay in one conversation when it was analyzed': async () => {
      await fillQueue(client, { ...SHAPE, finished: 2_000, users: 1, conversations: 1 });
      await client.query('ANALYZE');
      await fillQueue(client, SHAPE);
    },
    'it was analyzed': async () => {
      await fillQueue(client, SHAPE);
      await client.query('ANALYZE');
    },
  };

  for (const [knowledge, prepare] of Object.entries(STATISTICS)) {
    it(`touch neither what is finished nor more of the queue than they take, when ${knowledge}`, async () => {
      await prepare();
      // A generic plan does not know the bound values.
      for (const mode of ['auto', 'force_generic_plan']) {
        await client.query(`SET plan_cache_mode = ${mode}`);
        expect(await excesses(client, BOUNDED), mode).to.deep.equal([]);
      }
    });
  }

  it('look once at what waits when all users are at their cap, or all conversations busy', async () => {
    const work = queue.poll(2, ROOM);
    const once = (running: number) => ({
      poll: { work, touched: SHAPE.waiting + 2 * running, sorted: 0 },
    });
    await fillQueue(client, { ...SHAPE, running: 2 * SHAPE.users, expired: 0 });
    expect(await excesses(client, once(2 * SHAPE.users))).to.deep.equal([]);
    await fillQueue(client, {
      ...SHAPE,
      conversations: 200,
      running: 200,
      expired: 0,
      behind: true,
    });
    expect(await excesses(client, once(200))).to.deep.equal([]);
  });

  it('depend on every index, so that one that goes missing is seen here', async () => {
    await fillQueue(client, SHAPE);
    await client.query('ANALYZE');
    for (const name of ['conversation', 'user', 'queued', 'running', 'stopped'])
      expect(await withoutIndex(`generations_${name}`, BOUNDED), name).to.not.deep.equal([]);
    await client.query(`DELETE FROM generations WHERE state = 'finished'`);
    const none = { look: { work: queue.takeUnannounced, touched: 0, sorted: 0 } };
    expect(await excesses(client, none)).to.deep.equal([]);
    expect(await withoutIndex('generations_finished', none)).to.not.deep.equal([]);
  });
});
