import { expect } from 'chai';
import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { CLAIM } from '../../../src/adapters/postgres/outbox/outbox-statements.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { Outbox } from '../../../src/domain/webhooks/outbox.js';
import { makeSecret } from '../../../src/domain/webhooks/signature.js';
import { Spreader } from '../../../src/domain/webhooks/spreader.js';
import { createLogger } from '../../../src/node/logger.js';
import type {
  DeliveryLimits,
  OutboxRepository,
} from '../../../src/ports/repositories/outbox-repository.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';
import { noTracing } from '../../../src/ports/tracing.js';

const LIMITS: DeliveryLimits = {
  ...{ room: 64, weakRoom: 32, perHost: 4, underWay: new Map(), leaseMs: 30_000 },
  installationHost: 'all.example',
};

interface ReadNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: ReadNode[];
}

/** Rows of deliveries that a plan has read. */
function readBy({ Plans = [], ...node }: ReadNode): number {
  const below = Plans.reduce((sum, plan) => sum + readBy(plan), 0);
  if (node['Relation Name'] !== 'webhook_deliveries') return below;
  const rows = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  return below + node['Actual Loops'] * rows;
}

describe('The outbox', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let client: pg.Client;
  let outbox: OutboxRepository;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
    client = createClient(database.url);
    await client.connect();
    ({ outbox } = createDatabase(sequelize));
  });
  after(async () => {
    await client.end();
    await sequelize.close();
    await database.drop();
  });
  beforeEach(() =>
    client.query(
      'TRUNCATE webhooks, webhook_deliveries, notifications, messages, conversations, users CASCADE',
    ),
  );

  /** Webhooks of the user 1, each of a host of its own. */
  const addHooks = async (count: number): Promise<string[]> => {
    await client.query(`INSERT INTO users (id, email, username, password_hash) VALUES (1, 'a@b.c', 'ada', '')
      ON CONFLICT DO NOTHING`);
    const { rows } = await client.query(
      `INSERT INTO webhooks (id, user_id, url, host, events, secret)
      SELECT gen_random_uuid(), 1, 'https://h', i || '.example', '{}', '' FROM generate_series(1, $1::integer) i
      RETURNING id, host`,
      [count],
    );
    return rows.map(({ id }) => id);
  };
  const addDeliveries = (webhook: string | null, count: number, attempts = 0) =>
    client.query(
      `INSERT INTO webhook_deliveries (webhook_id, user_id, conversation_id, message_id, body, attempts, due_at)
      SELECT $1::uuid, 1, 1, 1, '', $3::integer, now() - i * interval '1 s' FROM generate_series(1, $2::integer) i`,
      [webhook, count, attempts],
    );

  /** Notifications for the installation. One without data cannot be spread. */
  const addNotifications = (count: number, data = '{}') =>
    client.query(
      `WITH c AS (INSERT INTO conversations (id) VALUES (1) ON CONFLICT DO NOTHING),
        m AS (INSERT INTO messages (id, conversation_id, role, status, content)
          VALUES (1, 1, 'assistant', 'completed', 'x') ON CONFLICT DO NOTHING)
      INSERT INTO notifications (event, conversation_id, message_id, user_id, installation, data)
      SELECT 'answer.completed', 1, 1, 1, true, $2::jsonb FROM generate_series(1, $1::integer)`,
      [count, data],
    );
  const presence = { everywhere: async () => [] };
  const logger = createLogger({ level: 'silent', pretty: false });

  it('keeps what is for the installation for a node that knows where they go', async () => {
    await addDeliveries(null, 1);
    expect(await outbox.claim({ ...LIMITS, installationHost: null })).to.deep.equal([]);
    const [claimed] = await outbox.claim(LIMITS);
    expect(claimed?.host).to.equal('all.example');
  });

  it('gives what is due longest first, so many of each host as it has room for', async () => {
    const [one = '', two = ''] = await addHooks(2);
    await addDeliveries(one, 50);
    await addDeliveries(two, 2);
    const { rows: oldest } = await client.query<{ id: string }>(
      'SELECT id FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY due_at LIMIT 3',
      [one],
    );
    const claimed = await outbox.claim({ ...LIMITS, underWay: new Map([['1.example', 1]]) });
    const ofOne = claimed.filter(({ webhookId }) => webhookId === one);
    expect(ofOne.map(({ id }) => id)).to.have.members(oldest.map(({ id }) => id));
    expect(claimed).to.have.length(5);
  });

  it('gives what failed before no more than its places', async () => {
    const [one = '', two = ''] = await addHooks(2);
    await addDeliveries(one, 4, 1);
    await addDeliveries(two, 4);
    const claimed = await outbox.claim({ ...LIMITS, weakRoom: 1 });
    expect(claimed.filter(({ isWeak }) => isWeak)).to.have.length(1);
    expect(claimed).to.have.length(5);
    expect(await outbox.claim({ ...LIMITS, weakRoom: 0 })).to.deep.equal([]);
  });

  it('reads nothing of what waits behind a busy host, however much that is', async () => {
    const hooks = await addHooks(20);
    await addDeliveries(hooks[0] ?? '', 20_000);
    await addDeliveries(null, 20_000);
    for (const hook of hooks.slice(1)) await addDeliveries(hook, 1);
    await client.query('ANALYZE');
    for (const mode of ['auto', 'force_generic_plan']) {
      await client.query(`SET plan_cache_mode = ${mode}`);
      await client.query('BEGIN');
      const bind = [64, 32, 4, ['1.example', 'all.example'], [4, 4], 30_000, 'all.example'];
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${CLAIM}`, bind);
      await client.query('ROLLBACK');
      expect(readBy(rows[0]['QUERY PLAN'][0].Plan), mode).to.be.below(500);
    }
  });

  it('spreads every notification that can be, also behind a full batch of others', async () => {
    await addNotifications(20, 'null');
    await addNotifications(1);
    const spreader = new Spreader({ outbox, presence, logger, telemetry: noTelemetry });
    const failure = await spreader
      .run(new AbortController().signal)
      .catch((error: unknown) => error);
    expect(failure).to.be.an.instanceof(TypeError);
    const { rows } = await client.query('SELECT data FROM notifications');
    expect(rows).to.deep.equal(Array(20).fill({ data: null }));
    expect((await client.query('SELECT FROM webhook_deliveries')).rowCount).to.equal(1);
  });

  it('takes turns: deliveries do not wait for the last notification, nor new ones for the last delivery', async () => {
    const [COUNT, MOST_TAKES] = [200, 16];
    await addNotifications(COUNT);
    const db = createDatabase(sequelize);
    let steps = '';
    const { take, claim } = db.outbox;
    db.outbox.take = (...args) => {
      steps += 't';
      return take(...args);
    };
    db.outbox.claim = (...args) => {
      steps += 'c';
      return claim(...args);
    };
    let posts = 0;
    let onAll = () => {};
    const all = new Promise<void>((resolve) => {
      onAll = resolve;
    });
    const sender = {
      post: async () => {
        posts += 1;
        if (posts === COUNT) onAll();
        return { status: 204 };
      },
    };
    const installation = { url: 'https://all.example', secret: makeSecret() };
    const work = new Outbox({
      ...{ db, sender, installation, presence, logger, now: Date.now },
      ...{ telemetry: noTelemetry, tracing: noTracing },
    });
    work.kick();
    await all;
    await work.stop();
    const [most, ...others] = steps.match(/t+/g)?.toSorted((a, b) => b.length - a.length) ?? [];
    expect(most).to.have.length(MOST_TAKES);
    expect(others.join('').length).to.be.at.least(COUNT / 8 - MOST_TAKES);
    expect(steps).to.not.include('cc');
  });
});
