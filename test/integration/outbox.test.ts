import { expect } from 'chai';
import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { startApp } from '../../lab/nodes/app.js';
import { startReceiver } from '../../lab/people/receiver.js';
import { createClient } from '../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../lab/stores/database.js';
import { createDatabase } from '../../src/adapters/postgres/database.js';
import { CLAIM } from '../../src/adapters/postgres/outbox/outbox-statements.js';
import { createSequelize } from '../../src/adapters/postgres/sql/sequelize.js';
import type { DeliveryLimits, OutboxRepository } from '../../src/ports/outbox-repository.js';

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

describe('Deliveries that are due', () => {
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
  beforeEach(() => client.query('TRUNCATE webhooks, webhook_deliveries, users CASCADE'));

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

  it('for the installation wait for a node that knows where they go', async () => {
    await addDeliveries(null, 1);
    expect(await outbox.claim({ ...LIMITS, installationHost: null })).to.deep.equal([]);
    const [claimed] = await outbox.claim(LIMITS);
    expect(claimed?.host).to.equal('all.example');
  });

  it('are claimed longest due first, so many of each host as it has room for', async () => {
    const [one = '', two = ''] = await addHooks(2);
    await addDeliveries(one, 50);
    await addDeliveries(two, 2);
    const claimed = await outbox.claim({ ...LIMITS, underWay: new Map([['1.example', 1]]) });
    const ofOne = claimed.filter(({ webhookId }) => webhookId === one);
    expect(ofOne).to.have.length(3);
    expect(claimed).to.have.length(5);
    const { rows } = await client.query(
      "SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND claim IS NULL AND due_at < now() - $2 * interval '1 s'",
      [one, 47.5],
    );
    expect(rows).to.deep.equal([]);
  });

  it('that failed before take no more than their places', async () => {
    const [one = '', two = ''] = await addHooks(2);
    await addDeliveries(one, 4, 1);
    await addDeliveries(two, 4);
    const claimed = await outbox.claim({ ...LIMITS, weakRoom: 1 });
    expect(claimed.filter(({ isWeak }) => isWeak)).to.have.length(1);
    expect(claimed).to.have.length(5);
    expect(await outbox.claim({ ...LIMITS, weakRoom: 0 })).to.deep.equal([]);
  });

  it('behind a busy host cost the others nothing, however many they are', async () => {
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
});

describe('Notifications that fail', () => {
  /** Taken eight a second, they would take longer than this test may. */
  const COUNT = 1_500;

  it('hold up no other', async () => {
    const receiver = await startReceiver();
    const app = await startApp({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    try {
      const ada = await app.register('ada');
      const body = { url: receiver.url, events: ['answer.completed'] };
      await app.call('/users/me/webhooks', { token: ada.token, body });
      const ask = () => app.call('/agent/chat', { token: ada.token, body: { message: 'go' } });
      await ask();
      await receiver.until(1);
      await app.rows(
        `INSERT INTO notifications (event, conversation_id, message_id, user_id, data)
        SELECT 'answer.completed', conversation_id, id, $1, 'null' FROM messages, generate_series(1, $2::integer)
        WHERE role = 'assistant'`,
        [ada.id, COUNT],
      );
      await ask();
      await receiver.until(2);
      expect(await app.rows('SELECT FROM notifications')).to.have.length(COUNT);
    } finally {
      await app.stop();
      await receiver.stop();
    }
  });
});
