import { expect } from 'chai';
import type pg from 'pg';
import { eventually } from '../../../lab/eventually.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createClient } from '../../../lab/stores/client.js';

const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('The time at which a conversation was changed', () => {
  let app: TestApp;
  let other: pg.Client;

  before(async () => {
    app = await startApp();
    other = createClient(app.databaseUrl);
    await other.connect();
  });
  after(async () => {
    await other?.end();
    await app?.stop();
  });

  it('never goes back, so that of two copies the newer one can be told', async () => {
    const device = await app.device(await app.register('ada'));
    const { conversation } = await device.ask('conversation:create', { title: 'First' });
    const { id: conversation_id } = conversation;
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [conversation_id]);
    const changing = device.ask('conversation:update', { conversation_id, title: 'Waits' });
    await eventually(
      () => app.rows(WAITING),
      (rows) => rows.length > 0,
    );
    const { rows } = await other.query<{ updated_at: Date }>(
      'UPDATE conversations SET updated_at = clock_timestamp() WHERE id = $1 RETURNING updated_at',
      [conversation_id],
    );
    await other.query('COMMIT');
    const changed = (await changing).conversation;
    expect(changed.title).to.equal('Waits');
    expect(Date.parse(changed.updated_at)).to.be.at.least(rows[0]?.updated_at.getTime() ?? 0);
  });
});
