import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { defineModels, type Models } from '../../../src/adapters/postgres/sql/models.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';

describe('The Sequelize models', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let models: Models;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
    models = defineModels(sequelize);
  });

  after(async () => {
    await sequelize?.close();
    await database?.drop();
  });

  it('name exactly the columns that the migrations create', async () => {
    for (const model of Object.values(sequelize.models)) {
      const columns = await sequelize.getQueryInterface().describeTable(model.getTableName());
      const fields = Object.values(model.getAttributes()).map(({ field }) => field);
      expect(fields, model.name).to.have.members(Object.keys(columns));
    }
  });

  it('store with the database defaults and load what belongs together', async () => {
    const { id, isActive } = await models.User.create({
      email: 'ann@example.org',
      username: 'ann',
      passwordHash: 'x',
    });
    expect({ type: typeof id, isActive }).to.deep.equal({ type: 'number', isActive: true });
    await models.UserRole.create({ userId: id, roleId: 1 });
    await models.Session.create({ id: randomUUID(), userId: id, expiresAt: new Date() });
    const found = await models.User.findByPk(id, { include: ['roles', 'sessions'] });
    expect(found?.roles?.map(({ name }) => name)).to.deep.equal(['user']);
    const session = await models.Session.findOne({ include: 'user' });
    expect(session?.user?.username).to.equal('ann');
    expect(session?.createdAt).to.be.instanceOf(Date);
  });

  it('store a heartbeat', async () => {
    await models.Node.create({ id: 'n1' });
    expect(await models.Node.findByPk('n1')).to.deep.include({ hears: true, hostname: '' });
  });
});
