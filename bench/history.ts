import { registerAt } from '../lab/people/rest.js';
import { quantile } from '../lab/quantile.js';
import { createClient } from '../lab/stores/client.js';
import { createTestDatabase, stopTestPostgres, type TestDatabase } from '../lab/stores/database.js';
import { openRaw, type RawSocket } from './clients/raw-socket.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startMeasured } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

const MESSAGES_EACH = 100;
const CONVERSATIONS_EACH = 50;

/** `$1` conversations, each a chain of messages, of several users; one of them is the reader. */
const FILL = `
  INSERT INTO users (email, username, password_hash)
    SELECT 'u' || n || '@example.com', 'u' || n, '-' FROM generate_series(1, $1 / ${CONVERSATIONS_EACH}) n;
  CREATE TEMP TABLE made AS
    WITH c AS (INSERT INTO conversations (title, last_message_at)
      SELECT 'talk ' || n, now() - n * interval '1 second' FROM generate_series(1, $1) n RETURNING id)
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM c;
  INSERT INTO conversation_members (conversation_id, user_id)
    SELECT m.id, u.id FROM made m
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users) u
      ON u.n = 1 + (m.n - 1) / ${CONVERSATIONS_EACH};
  SET session_replication_role = replica;
  INSERT INTO messages (id, conversation_id, parent_id, role, content, completed_at)
    SELECT m.n * ${MESSAGES_EACH} + k, m.id, CASE k WHEN 0 THEN NULL ELSE m.n * ${MESSAGES_EACH} + k - 1 END,
      CASE k % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, repeat('some text ', 20), now()
    FROM made m, generate_series(0, ${MESSAGES_EACH} - 1) k;
  SET session_replication_role = origin;
  UPDATE conversations c SET active_message_id = m.n * ${MESSAGES_EACH} + ${MESSAGES_EACH} - 1
    FROM made m WHERE m.id = c.id;`;

/** The cheapest statement for the columns of the newest page. The product also reads the conversation and its members. */
const RAW_PAGE = `
  SELECT m.*, u.username, ARRAY(SELECT s.id FROM messages s
    WHERE s.conversation_id = m.conversation_id AND coalesce(s.parent_id, 0) = coalesce(m.parent_id, 0)
    ORDER BY s.id) AS sibling_ids
  FROM messages m LEFT JOIN users u ON u.id = m.author_id
  WHERE m.conversation_id = $1 ORDER BY m.id DESC LIMIT 50`;
const RAW_LIST = `
  SELECT c.*, cm.role, (SELECT count(*) FROM conversation_members x WHERE x.conversation_id = c.id) AS member_count
  FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
  WHERE cm.user_id = $1 ORDER BY c.active_at DESC, c.id DESC LIMIT 20`;

interface Size {
  messages: number;
  calls: number;
  /** Calls before the measurement: the first hundreds of calls of a process run uncompiled code. */
  warmUp: number;
  times: number;
}

async function median(calls: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const begun = performance.now();
    await call();
    times.push(performance.now() - begun);
  }
  return quantile(times, 0.5);
}

/** The rows take turns, so that disturbances of the machine spread over all of them. */
async function repeat(
  { calls, warmUp, times }: Size,
  rows: Record<string, () => Promise<unknown>>,
) {
  const repeats = new Map(Object.keys(rows).map((row) => [row, [] as number[]]));
  for (const call of Object.values(rows)) await median(warmUp, call);
  for (let i = 0; i < times; i++) {
    for (const [row, call] of Object.entries(rows)) {
      repeats.get(row)?.push(await median(calls, call));
    }
  }
  return Object.fromEntries([...repeats].map(([row, found]) => [row, rowOf(found)]));
}

async function open(socket: RawSocket, conversation_id: number): Promise<void> {
  const opened = (await socket.call('conversation:open', { conversation_id })) as {
    data: { messages: object[] };
  };
  if (opened.data.messages.length !== 50) throw new Error('not the page that was meant');
}

/** The cost of any call: a frame each way, the limits, the schema. */
const nothing = (socket: RawSocket) => socket.call('conversation:close', { conversation_id: 1 });

async function measure(database: TestDatabase, size: Size): Promise<Record<string, Row>> {
  const { messages } = size;
  const sql = createClient(database.url);
  await sql.connect();
  const node = await startMeasured(
    'dist/index.js',
    nodeEnv(database.url, 'http://127.0.0.1:1'),
    PINNED,
  );
  try {
    const { id, token } = await registerAt(node.url, 'reader');
    await sql.query(FILL.replaceAll('$1', String(messages / MESSAGES_EACH)));
    // Without this, the server does it by itself during the measurement.
    await sql.query('VACUUM ANALYZE');
    const socket = await openRaw(node.url, token);
    const { rows } = await sql.query(RAW_LIST, [id]);
    const conversation = Number(rows[0].id);
    const found = await repeat(size, {
      [`empty-ack@${messages}`]: () => nothing(socket),
      [`open-ours@${messages}`]: () => open(socket, conversation),
      [`open-raw-sql@${messages}`]: () => sql.query(RAW_PAGE, [conversation]),
      [`list-ours@${messages}`]: () => socket.call('conversation:list', {}),
      [`list-raw-sql@${messages}`]: () => sql.query(RAW_LIST, [id]),
    });
    socket.close();
    return found;
  } finally {
    await sql.end();
    await node.stop();
  }
}

/** Opens and lists conversations, with ever more messages of others in the tables. */
export async function history(small: boolean): Promise<Results> {
  await buildProduct();
  const often = { calls: small ? 3 : 100, warmUp: small ? 1 : 1_000, times: repeatsOf(small) };
  const rows: Record<string, Row> = {};
  try {
    for (const messages of small ? [100] : [100, 10_000, 1_000_000]) {
      const database = await createTestDatabase();
      Object.assign(rows, await measure(database, { messages, ...often }));
      await database.drop();
    }
    return { history: { unit: 'ms, with @N messages in the table', rows } };
  } finally {
    await stopTestPostgres();
  }
}
