import { expect } from 'chai';
import type pg from 'pg';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { LIST_CHANGES } from '../../../src/adapters/postgres/conversations/screen-repository.js';

const USERS = 1_000;
const ROWS = 20_000;

describe('Changes of lists', () => {
  let database: TestDatabase;
  let client: pg.Client;

  before(async () => {
    database = await createTestDatabase();
    client = createClient(database.url);
    await client.connect();
    await client.query(
      `INSERT INTO list_changes (user_id, conversation_id, changed_at)
       SELECT n % ${USERS}, n, now() - n * interval '1 millisecond' FROM generate_series(1, ${ROWS}) n`,
    );
    await client.query('ANALYZE list_changes');
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  it('of one user are erased without a look at those of others', async () => {
    const { rows } = await client.query('EXPLAIN DELETE FROM list_changes WHERE user_id = 7');
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).to.contain('list_changes_user_id').and.not.contain('Seq Scan');
  });

  it('are the newest ones where there are more than a look takes', async () => {
    const users = Array.from({ length: USERS }, (_, id) => id);
    const { rows } = await client.query(LIST_CHANGES, [3_600_000, users, 3]);
    expect(rows.map((row) => Number(row.conversationId))).to.deep.equal([1, 2, 3]);
  });
});
