import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import { createDatabase } from '../../src/adapters/postgres/database.js';
import { createSequelize } from '../../src/adapters/postgres/sql/sequelize.js';
import { LIMITS } from '../../src/contract/limits.js';
import { Retention } from '../../src/domain/retention.js';
import { createLogger } from '../../src/node/logger.js';
import { prunes } from '../../src/node/prunes.js';

const QUARTER_MS = LIMITS.completionMs;
const DAY_MS = 86_400_000;

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
    bound: DAY_MS + 3_600_000,
  },
  webhook_deliveries: {
    sql: `INSERT INTO webhook_deliveries (body, conversation_id, message_id, user_id, created_at, due_at)
      VALUES ('{}', 1, 1, $1, now() - $2 * interval '1 ms', now() + interval '1 day')`,
    bound: DAY_MS + 3_600_000,
  },
};

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

  for (const [table, { sql, bound }] of Object.entries(ROWS)) {
    it(`deletes rows of ${table} that nobody needs any more, and no others`, async () => {
      for (const ms of [bound - 60_000, bound + 60_000, 2 * bound])
        await app.rows(sql, [ann.id, ms]);
      const logger = createLogger({ level: 'silent', pretty: false });
      await new Retention(prunes(createDatabase(sequelize), 365), logger).run();
      const left = await app.rows(`SELECT FROM ${table} WHERE user_id = $1`, [ann.id]);
      expect(left).to.have.length(1);
    });
  }
});
