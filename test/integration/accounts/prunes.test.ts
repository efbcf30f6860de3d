import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { LIMITS } from '../../../src/contract/limits.js';
import { Retention } from '../../../src/domain/retention.js';
import { createLogger } from '../../../src/node/logger.js';
import { prunes } from '../../../src/node/prunes.js';

const QUARTER_MS = LIMITS.completionMs;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Rows of the user `$1` whose time was `ms` ago, `$2`: `kept` younger than the bound, the others beyond it. */
const ROWS: Record<string, { sql: string; bound: number }> = {
  completions: {
    sql: `INSERT INTO completions (user_id, digest, reservation, status, ended_at)
      VALUES ($1, '', 1, 'completed', now() - $2 * interval '1 ms')`,
    bound: QUARTER_MS,
  },
  usage_reservations: {
    sql: `INSERT INTO usage_reservations (user_id, tokens, expires_at)
      VALUES ($1, 1, now() - $2 * interval '1 ms')`,
    bound: DAY_MS,
  },
  notifications: {
    sql: `INSERT INTO notifications (event, data, conversation_id, message_id, user_id, created_at, due_at)
      VALUES ('answer.completed', '{}', 1, 1, $1, now() - $2 * interval '1 ms', now() + interval '1 day')`,
    bound: DAY_MS + HOUR_MS,
  },
  webhook_deliveries: {
    sql: `INSERT INTO webhook_deliveries (body, conversation_id, message_id, user_id, created_at, due_at)
      VALUES ('{}', 1, 1, $1, now() - $2 * interval '1 ms', now() + interval '1 day')`,
    bound: DAY_MS + HOUR_MS,
  },
  list_changes: {
    sql: `INSERT INTO list_changes (user_id, conversation_id, changed_at)
      VALUES ($1, 1, now() - $2 * interval '1 ms')`,
    bound: HOUR_MS,
  },
  spent_keys: {
    sql: `INSERT INTO spent_keys (user_id, client_id, spent_at)
      VALUES ($1, gen_random_uuid(), now() - $2 * interval '1 ms')`,
    bound: 30 * DAY_MS,
  },
  imports: {
    sql: `INSERT INTO imports (user_id, status, created_at)
      VALUES ($1, 'done', now() - $2 * interval '1 ms')`,
    bound: 90 * DAY_MS,
  },
  invitations: {
    sql: `INSERT INTO invitations (token_hash, role, created_by, expires_at)
      VALUES (encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'user', $1, now() - $2 * interval '1 ms')`,
    bound: 30 * DAY_MS,
  },
};
/** The column of the user where it has another name. */
const OWNER: Record<string, string> = { invitations: 'created_by' };

describe('The hourly deletion', () => {
  let app: TestApp;
  let ann: Account;
  let sequelize: Sequelize;

  before(async () => {
    app = await startApp();
    ann = await app.register('ann');
    sequelize = createSequelize({ url: app.databaseUrl, poolMax: 2 });
  });
  after(async () => {
    await sequelize?.close();
    await app?.stop();
  });

  it('works for everything that is to be deleted, and says how much that was', async () => {
    for (const [what, prune] of prunes(createDatabase(sequelize), 365)) {
      expect(await prune(10), what).to.equal(0);
    }
  });

  for (const [table, { sql, bound }] of Object.entries(ROWS)) {
    it(`deletes rows of ${table} that nobody needs any more, and no others`, async () => {
      for (const ms of [bound - 60_000, bound + 60_000, 2 * bound])
        await app.rows(sql, [ann.id, ms]);
      const logger = createLogger({ level: 'silent', pretty: false });
      await new Retention(prunes(createDatabase(sequelize), 365), logger).run();
      const owner = OWNER[table] ?? 'user_id';
      const left = await app.rows(`SELECT FROM ${table} WHERE ${owner} = $1`, [ann.id]);
      expect(left).to.have.length(1);
    });
  }
});
