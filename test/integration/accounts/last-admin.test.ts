import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { Gate } from '../../../lab/gate.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { lockWaits } from '../../../lab/stores/held-user.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { AccountAdmin } from '../../../src/domain/accounts/account-admin.js';
import { UserService } from '../../../src/domain/accounts/user-service.js';
import { operator } from '../../../src/domain/rights/actor.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const notices = { send: async () => {}, onNotice: () => ({ close() {} }) };

/** The same, but transactions wait at `gate` after they have read a user, whom they told of with `found`. */
const pausing = (db: Database, gate: Gate, found: Gate): Database => ({
  ...db,
  transaction: (work) =>
    db.transaction((tx) => {
      const find: typeof tx.users.find = async (id) => {
        const user = await tx.users.find(id);
        found.open();
        await gate.opened;
        return user;
      };
      return work({ ...tx, users: { ...tx.users, find } });
    }),
});

describe('the last administrator', () => {
  let app: TestApp;
  let sequelize: Sequelize;
  let db: Database;

  beforeEach(async () => {
    app = await startApp();
    sequelize = createSequelize({ url: app.databaseUrl, poolMax: 4 });
    db = createDatabase(sequelize);
  });
  afterEach(async () => {
    await sequelize.close();
    await app.stop();
  });

  it('stays, although the account was being deleted when it became one', async () => {
    const [first, heir] = [await app.register('first'), await app.register('heir')];
    const accounts = new AccountAdmin(db, notices);
    const root = operator('root');
    await accounts.change(root, first.id, { roles: ['admin'] });
    const [gate, found] = [new Gate(), new Gate()];
    const users = new UserService({
      db: pausing(db, gate, found),
      notices,
      erasure: { kick() {} },
    });
    const [session] = await app.rows<{ id: string }>(
      `SELECT id FROM sessions WHERE user_id = ${heir.id}`,
    );
    const sessionId = session?.id ?? '';
    const deleted = users
      .delete({ ...root, userId: heir.id, sessionId })
      .catch((error: unknown) => error);
    await found.opened;
    const handedOver = accounts
      .change(root, heir.id, { roles: ['admin'] })
      .then(() => accounts.change(root, first.id, { roles: ['user'] }))
      .catch((error: unknown) => error);
    await Promise.race([handedOver, lockWaits(app, 1)]);
    gate.open();
    await Promise.all([deleted, handedOver]);
    expect(await db.accounts.hasAdmin()).to.equal(true);
  });
});
