import { registerAt } from '../lab/people/rest.js';
import { quantile } from '../lab/quantile.js';
import { createClient } from '../lab/stores/client.js';
import { createTestDatabase, stopTestPostgres, type TestDatabase } from '../lab/stores/database.js';
import { listConversations } from '../src/adapters/postgres/conversations/conversation-list.js';
import { readView } from '../src/adapters/postgres/conversations/conversation-view.js';
import { searchMessages } from '../src/adapters/postgres/conversations/message-search.js';
import { createSequelize } from '../src/adapters/postgres/sql/sequelize.js';
import {
  createSql,
  type Sql,
  type Statement,
  type Transact,
  transaction,
} from '../src/adapters/postgres/sql/sql.js';
import { openRaw, type RawSocket } from './clients/raw-socket.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startMeasured } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

/** Shares of all messages that the three readers have; the others have equal parts of the rest. */
const READERS = { few: 0.000_04, average: 0.001, many: 0.02 } as const;
const CONVERSATIONS_EACH = 20;

interface Size {
  messages: number;
  users: number;
  /** Different texts, of which each message has two. */
  texts: number;
}

/**
 * Texts of a few hundred letters, three in five of English words and the others of Chinese signs, both as frequent as in
 * prose: the nth most frequent has a share of 1/n. `kryptonite` and 饕 are in one of 10,000 messages.
 */
const textsOf = (count: number) => `
  SELECT setseed(0.42);
  CREATE TEMP TABLE words AS
    SELECT n, (ARRAY['the','of','and','to','in','that','for','water','with','time'])[n] AS word FROM generate_series(1, 10) n
    UNION ALL
    SELECT n, (ARRAY['ba','co','di','fe','gru','ha','ker','lo','mi','nus','pra','qui','ro','sta','ter','vo'])[1 + n % 16]
      || (ARRAY['lan','mer','nok','pid','rus','sel','tam','vin'])[1 + n / 16 % 8]
      || (ARRAY['','a','ed','ing','ment','s','ty','er','ful','ic'])[1 + n / 128 % 10] FROM generate_series(11, 1280) n;
  CREATE UNIQUE INDEX ON words (n);
  CREATE TEMP TABLE texts AS
    SELECT k, CASE WHEN k % 5 < 3 THEN (
        SELECT string_agg(word, ' ' ORDER BY i)
        FROM (SELECT i, least(1280, floor(exp(random() * ln(1280) + 0 * k)))::int AS n FROM generate_series(1, 45) i) drawn
        JOIN words USING (n))
      ELSE (SELECT string_agg(chr(19968 + least(2999, floor(exp(random() * ln(3000) + 0 * (i + k))))::int), '')
        FROM generate_series(1, 90) i) END AS text
    FROM generate_series(1, ${count}) k;
  CREATE UNIQUE INDEX ON texts (k);
  ANALYZE words, texts;`;

/** Each user gets a share of the messages, in equal conversations, mixed in time. */
const fill = ({ messages, users, texts }: Size, readers: readonly number[]) => `
  INSERT INTO users (email, username, password_hash)
    SELECT 'u' || n || '@example.com', 'u' || n, '-' FROM generate_series(1, ${users - readers.length}) n;
  CREATE TEMP TABLE shares AS
    SELECT id, CASE id ${Object.values(READERS)
      .map((share, i) => `WHEN ${readers[i]} THEN ${share}`)
      .join(
        ' ',
      )} ELSE ${(1 - Object.values(READERS).reduce<number>((a, b) => a + b, 0)) / (users - 3)} END AS share FROM users;
  CREATE TEMP TABLE made AS
    WITH c AS (INSERT INTO conversations (title, last_message_at)
      SELECT 'talk ' || n, now() - n * interval '1 second' FROM generate_series(1, ${users * CONVERSATIONS_EACH}) n RETURNING id),
    numbered AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM c)
    SELECT c.id, s.id AS user_id, greatest(1, round(${messages} * s.share / ${CONVERSATIONS_EACH}))::int AS size
    FROM numbered c JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS n FROM shares) s ON s.n = c.n % ${users};
  INSERT INTO conversation_members (conversation_id, user_id) SELECT id, user_id FROM made;
  SET session_replication_role = replica;
  CREATE TEMP TABLE chains AS
    SELECT id, k, row_number() OVER (ORDER BY random()) AS at, nextval('messages_id_seq') AS message_id
    FROM made, generate_series(1, size) k;
  INSERT INTO messages (id, conversation_id, parent_id, role, content, created_at, completed_at)
    SELECT message_id, id, lag(message_id) OVER (PARTITION BY id ORDER BY k), CASE k % 2 WHEN 1 THEN 'user' ELSE 'assistant' END,
      (SELECT text FROM texts WHERE texts.k = 1 + message_id * 7919 % ${texts}) || ' '
        || (SELECT text FROM texts WHERE texts.k = 1 + message_id * 104729 % ${texts - 27})
        || CASE WHEN message_id % 10000 = 0 THEN ' kryptonite 饕' ELSE '' END,
      now() - (${messages} - at) * interval '10 seconds', now()
    FROM chains;
  SET session_replication_role = origin;
  UPDATE conversations c SET active_message_id = last.id
    FROM (SELECT conversation_id, max(id) AS id FROM messages GROUP BY 1) last WHERE last.conversation_id = c.id;`;

const QUERIES = {
  'rare-word': 'kryptonite',
  'frequent-word': 'water',
  'two-words': 'water kryptonite',
  'unknown-word': 'zyzzyva',
  'one-letter': 'e',
  'rare-sign': '饕',
  'frequent-sign': '一',
  'chinese-words': '丁七',
  'unknown-sign': '龘',
} as const;

type Refusable = { ok: true } | { ok: false; error: { code: string } };

interface Calls {
  calls: number;
  times: number;
}

async function timed(socket: RawSocket, q: string, { calls, times }: Calls): Promise<Row> {
  const repeats: number[] = [];
  for (let repeat = 0; repeat < times; repeat++) {
    const found: number[] = [];
    for (let call = 0; call < calls; call++) {
      const begun = performance.now();
      const ack = (await socket.call('conversation:search', { q })) as Refusable;
      found.push(performance.now() - begun);
      // A search that is given up after its second counts with that time.
      if (!ack.ok && ack.error.code !== 'unavailable')
        throw new Error(`search of ${q}: ${JSON.stringify(ack)}`);
    }
    repeats.push(quantile(found, 0.5));
  }
  return rowOf(repeats);
}

type Read = (sql: Sql, transact: Transact) => Promise<unknown>;

/** The plan by which Postgres runs a read of the product, with its own values. */
async function planOf(url: string, read: Read): Promise<string> {
  const sequelize = createSequelize({ url, poolMax: 1 });
  let plan = '';
  const explaining = (sql: Sql): Sql => {
    const rows = async <T>(given: Statement, bind?: unknown[]): Promise<T[]> => {
      const text = typeof given === 'string' ? given : given.text;
      const explain = `EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${text}`;
      const lines = await sql.rows<{ 'QUERY PLAN': string }>(explain, bind);
      plan += lines.map((line) => `${line['QUERY PLAN']}\n`).join('');
      // The next step depends on the rows.
      return sql.rows<T>(given, bind);
    };
    const one = async <T>(text: Statement, bind?: unknown[]) =>
      (await rows<T>(text, bind))[0] ?? null;
    return { ...sql, rows, one };
  };
  const transact: Transact = (work) => transaction(sequelize, (sql) => work(explaining(sql)));
  await read(explaining(createSql(sequelize)), transact);
  await sequelize.close();
  return plan;
}

const searchFor =
  (memberId: number, q: string): Read =>
  (_, transact) =>
    searchMessages(transact, memberId, { q, limit: 20 });

const listOf =
  (memberId: number): Read =>
  (sql, transact) =>
    listConversations({ sql, transact, patternOf: async (q) => q }, memberId, { limit: 20 });

const openFirstOf =
  (memberId: number): Read =>
  async (sql) => {
    const first = `SELECT max(conversation_id) AS id FROM conversation_members WHERE user_id = $1`;
    const found = await sql.one<{ id: number }>(first, [memberId]);
    return readView(sql, { id: found?.id ?? 0, memberId, limit: 50, others: [] });
  };

async function tell(url: string, what: string, read: Read): Promise<void> {
  const plan = await planOf(url, read);
  console.log(`${what}: ${scansOf(plan)}`);
  if (process.env.BENCH_PLANS !== undefined) console.log(plan);
}

/** The indexes that a plan reads, and whether it reads all messages. */
function scansOf(plan: string): string {
  const indexes = [...plan.matchAll(/(?:Index (?:Only )?Scan using|Bitmap Index Scan on) (\S+)/g)];
  const whole = plan.includes('Seq Scan on messages') ? ['ALL MESSAGES'] : [];
  return [...new Set(indexes.map(([, name]) => name)), ...whole].join(', ');
}

/** Indexes that are built again after the texts, because that is much quicker. */
const INDEXES = `
  SELECT indexname AS name, indexdef AS made FROM pg_indexes WHERE indexname IN ('messages_trigrams', 'messages_signs')`;

async function prepare(database: TestDatabase, size: Size, readers: readonly number[]) {
  const sql = createClient(database.url);
  await sql.connect();
  try {
    const { rows } = await sql.query<{ name: string; made: string }>(INDEXES);
    for (const { name } of rows) await sql.query(`DROP INDEX ${name}`);
    await sql.query(textsOf(size.texts));
    await sql.query(fill(size, readers));
    await sql.query(`SET maintenance_work_mem = '1GB'`);
    for (const { made } of rows) await sql.query(made);
    await sql.query('VACUUM ANALYZE');
  } finally {
    await sql.end();
  }
}

/** Searches for words of all kinds, by readers of few and many messages among a million. */
export async function search(small: boolean): Promise<Results> {
  await buildProduct();
  const size = small
    ? { messages: 4_000, users: 50, texts: 100 }
    : { messages: 1_000_000, users: 1_000, texts: 10_000 };
  const { messages } = size;
  const how = { calls: small ? 2 : 10, times: repeatsOf(small) };
  const database = await createTestDatabase();
  const env = nodeEnv(database.url, 'http://127.0.0.1:1');
  const node = await startMeasured('dist/index.js', env, PINNED);
  const rows: Record<string, Row> = {};
  try {
    const accounts = [];
    for (const name of Object.keys(READERS)) accounts.push(await registerAt(node.url, name));
    const ids = accounts.map(({ id }) => id);
    await prepare(database, size, ids);
    for (const [i, name] of Object.keys(READERS).entries()) {
      const { id = 0, token } = accounts[i] ?? {};
      const socket = await openRaw(node.url, token);
      for (const [kind, q] of Object.entries(QUERIES)) {
        rows[`${kind}-${name}@${messages}`] = await timed(socket, q, how);
        await tell(database.url, `${kind}, ${name}`, searchFor(id, q));
      }
      await tell(database.url, `list, ${name}`, listOf(id));
      await tell(database.url, `open, ${name}`, openFirstOf(id));
      socket.close();
    }
    return { search: { unit: 'ms, with @N messages of 1,000 users', rows } };
  } finally {
    await node.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
