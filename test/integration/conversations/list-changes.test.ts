import { expect } from 'chai';
import type pg from 'pg';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
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

describe('A change of a conversation that no new message shows', () => {
  let app: TestApp;
  let bob: Account;
  let ada: Account;
  let device: Device;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    [ada, bob] = await Promise.all([app.register('ada'), app.register('bob')]);
    device = await app.device(ada);
  });
  after(() => app?.stop());

  it('is noted for the list of each member', async () => {
    const sent = await device.ask('message:send', { client_id: 'q', content: 'Where to?' });
    const { id } = sent.conversation;
    await device.ended(sent.assistant_message.id);
    await app.rows('INSERT INTO conversation_members VALUES ($1, $2, $3)', [id, bob.id, 'viewer']);
    const target = { message_id: sent.assistant_message.id };
    const changes = {
      rename: () => device.ask('conversation:update', { conversation_id: id, title: 'Trip' }),
      select: () => device.ask('message:select', target),
      'delete of a message': () => device.ask('message:delete', target),
      delete: () => device.ask('conversation:delete', { conversation_id: id }),
      restore: () => device.ask('conversation:restore', { conversation_id: id }),
    };
    for (const [name, change] of Object.entries(changes)) {
      await app.rows('DELETE FROM list_changes');
      await change();
      const noted = await app.rows(
        'SELECT user_id::int AS id FROM list_changes WHERE conversation_id = $1 ORDER BY user_id',
        [id],
      );
      const members = [ada.id, bob.id].sort((a, b) => a - b);
      expect(noted, name).to.deep.equal(members.map((member) => ({ id: member })));
    }
  });
});
