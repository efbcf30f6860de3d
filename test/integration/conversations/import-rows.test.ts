import { expect } from 'chai';
import type pg from 'pg';
import type { Sequelize } from 'sequelize';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { ImportedConversation } from '../../../src/ports/repositories/import-repository.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const AT = new Date('2025-01-01T00:00:00Z');
const SILENT_MS = 60_000;
const LOST = { code: 'interrupted', message: 'lost' };

const conversation: ImportedConversation = {
  ...{ key: 'k', title: 'long', model: null, systemPrompt: null, temperature: null },
  ...{ maxTokens: null, pinned: false, archived: false, active: 0 },
  ...{ createdAt: AT, updatedAt: AT, lastMessageAt: AT },
  messages: [
    {
      ...{ parent: null, role: 'user', isAuthor: true, status: 'completed', content: 'q' },
      ...{ reasoning: null, model: null, finishReason: null, usage: null, error: null },
      ...{ createdAt: AT, completedAt: AT },
    },
  ],
};

describe('The row of an import', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let turns: Turns;
  let other: pg.Client;
  let userId: number;
  let id: number;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    db = createDatabase(sequelize);
    turns = createTurns(sequelize);
    other = createClient(database.url);
    await other.connect();
  });
  after(async () => {
    await other.end();
    await sequelize.close();
    await database.drop();
  });
  beforeEach(async () => {
    userId = await turns.user();
    id = Number(await db.imports.create(userId));
  });

  it('is not given up while it stores a conversation, and nobody waits for it', async () => {
    await turns.sql.run(`UPDATE imports SET beat_at = now() - interval '1 hour' WHERE id = $1`, [
      id,
    ]);
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM imports WHERE id = $1 FOR NO KEY UPDATE', [id]);
    expect(await db.imports.giveUp(SILENT_MS, LOST)).to.deep.equal([]);
    await other.query('ROLLBACK');
    const given = await db.imports.giveUp(SILENT_MS, LOST);
    expect(given.map((report) => [report.id, report.userId])).to.deep.equal([[id, userId]]);
    expect(await db.imports.store(id, userId, conversation)).to.equal(false);
  });

  it('was last worked on when its conversation was stored, however long that took', async () => {
    await turns.sql.run('CREATE TABLE stored (at timestamptz)');
    await turns.sql.run(`CREATE FUNCTION note_stored() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO stored VALUES (clock_timestamp()); RETURN NULL; END $$`);
    await turns.sql.run(`CREATE TRIGGER noted AFTER INSERT ON messages
      FOR EACH STATEMENT EXECUTE FUNCTION note_stored()`);
    expect(await db.imports.store(id, userId, conversation)).to.equal(true);
    const row = await turns.sql.one(
      `SELECT beat_at >= (SELECT date_trunc('milliseconds', at) FROM stored) AS later, imported
       FROM imports WHERE id = $1`,
      [id],
    );
    expect(row).to.deep.equal({ later: true, imported: 1 });
  });
});
