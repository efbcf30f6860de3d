import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { searchMessages } from '../../../src/adapters/postgres/conversations/message-search.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { type Sql, transaction } from '../../../src/adapters/postgres/sql/sql.js';

const USERS = 40;
const MESSAGES = 24_000;

/** Texts of a few dozen common words and signs; the rare ones are in a few of all. */
const FILL = `
  INSERT INTO users (id, email, username, password_hash)
    SELECT n, 'u' || n || '@example.com', 'user' || n, '-' FROM generate_series(1, ${USERS}) n;
  INSERT INTO conversations (id, title) SELECT n, 'Title ' || n FROM generate_series(1, ${USERS} * 10) n;
  INSERT INTO conversation_members (conversation_id, user_id) SELECT n, n % ${USERS} + 1 FROM generate_series(1, ${USERS} * 10) n;
  INSERT INTO messages (conversation_id, role, content, created_at)
    SELECT n % (${USERS} * 10) + 1, 'assistant',
      repeat('the water flows around 水在流动 stones and grass ', 3) || md5(n::text)
        || CASE WHEN n % 4000 = 0 THEN ' xylophone 罕见' ELSE '' END,
      timestamptz '2026-01-01' + n * interval '1 second'
    FROM generate_series(1, ${MESSAGES}) n;
  ANALYZE users, conversations, conversation_members, messages;`;

describe('The plan of a search', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 1 });
    const client = createClient(database.url);
    await client.connect();
    await client.query(FILL);
    await client.end();
  });
  after(async () => {
    await sequelize?.close();
    await database?.drop();
  });

  /** The plan of Postgres for this search, with its own values. */
  const planOf = async (q: string): Promise<string> => {
    let plan = '';
    const explaining = (sql: Sql): Sql => ({
      ...sql,
      async rows<T>(text: Parameters<Sql['rows']>[0], bind?: unknown[]) {
        const lines = await sql.rows<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, bind);
        plan += lines.map((line) => `${line['QUERY PLAN']}\n`).join('');
        // The index of signs is asked first: its answer decides the next step.
        return String(text).includes('search_signs') ? sql.rows<T>(text, bind) : [];
      },
    });
    await searchMessages((work) => transaction(sequelize, (sql) => work(explaining(sql))), 1, {
      q,
      limit: 20,
    });
    return plan;
  };

  it('uses the trigrams of a rare word, and those of its other words', async () => {
    const plan = await planOf('xylophone water');
    expect(plan).to.include('messages_trigrams').and.not.include('Seq Scan on messages');
  });

  it('uses the signs of a rare Chinese word, also of one character', async () => {
    for (const q of ['罕见', '罕']) {
      const plan = await planOf(q);
      expect(plan, q).to.include('messages_signs').and.not.include('Seq Scan on messages');
    }
  });

  it("reads only the reader's messages for letters and common words", async () => {
    for (const q of ['e', 'th', '水', '流动', '动水']) {
      const plan = await planOf(q);
      expect(plan, q).to.not.include('Seq Scan on messages').and.not.include('messages_signs');
      expect(plan, q).to.match(/messages_(place_key|children|parent_id)/);
    }
  });

  it("reads the reader's messages where there is no index of signs", async () => {
    const client = createClient(database.url);
    await client.connect();
    await client.query('DROP INDEX messages_signs');
    await client.end();
    const plan = await planOf('罕见');
    expect(plan).to.not.include('Seq Scan on messages').and.not.include('search_signs');
    expect(plan).to.match(/messages_(place_key|children|parent_id)/);
  });
});
