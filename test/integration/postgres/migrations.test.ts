import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createEmptyDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { describeSchema } from '../../../lab/stores/schema.js';
import { migrateDown, migrateUp } from '../../../src/adapters/postgres/migrator.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { createSql, type Sql } from '../../../src/adapters/postgres/sql/sql.js';
import { readText } from '../../support/markdown.js';

const run = promisify(execFile);

describe('Migrations', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let sql: Sql;
  let names: string[];

  beforeEach(async () => {
    names = (await readdir('migrations')).sort();
    database = await createEmptyDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
    sql = createSql(sequelize);
  });

  afterEach(async () => {
    await sequelize?.close();
    await database?.drop();
  });

  const objects = () => describeSchema(sql);

  const cli = (command: string, url = database.url) =>
    run(process.execPath, ['node_modules/sequelize-cli/lib/sequelize', command], {
      env: { ...process.env, DATABASE_URL: url },
    });

  it('go up, down to an empty schema, and up again to the same one', async () => {
    expect(await migrateUp(sequelize)).to.deep.equal(names);
    const once = await objects();
    expect(once.length).to.be.above(100);
    expect(await migrateDown(sequelize)).to.deep.equal(names.toReversed());
    expect(await objects()).to.deep.equal([]);
    expect(await migrateUp(sequelize)).to.deep.equal(names);
    expect(await objects()).to.deep.equal(once);
  });

  it('can each be taken back, and applied again', async () => {
    const load = createRequire(import.meta.url);
    const context = sequelize.getQueryInterface();
    for (const name of names) {
      const migration = load(resolve('migrations', name));
      const before = await objects();
      await migration.up(context);
      const after = await objects();
      expect(after, name).to.not.deep.equal(before);
      await migration.down(context);
      expect(await objects(), name).to.deep.equal(before);
      await migration.up(context);
      expect(await objects(), name).to.deep.equal(after);
    }
  });

  it('leave everybody with what they could do before there were permissions', async () => {
    const load = createRequire(import.meta.url);
    const context = sequelize.getQueryInterface();
    const of = names.findIndex((name) => name.endsWith('-add-role-permissions.cjs'));
    for (const name of names.slice(0, of)) await load(resolve('migrations', name)).up(context);
    await sql.run(`INSERT INTO roles (name) VALUES ('editors')`);
    await sql.run(`INSERT INTO users (email, username, password_hash)
      SELECT name || '@example.com', name, '' FROM unnest(ARRAY['none', 'editor', 'admin']) name`);
    await sql.run(`INSERT INTO user_roles (user_id, role_id)
      SELECT u.id, r.id FROM users u JOIN roles r ON r.name LIKE u.username || '%'`);
    await load(resolve('migrations', names[of] ?? '')).up(context);
    const able = await sql.rows(
      `SELECT u.username, array_agg(DISTINCT p ORDER BY p) @> '{messages:send}' AS chats,
         bool_or(p = 'users:write') AS rules
       FROM users u LEFT JOIN user_roles ur ON ur.user_id = u.id LEFT JOIN roles r ON r.id = ur.role_id
       LEFT JOIN unnest(r.permissions) p ON true GROUP BY u.id ORDER BY u.id`,
    );
    expect(able).to.deep.equal([
      { username: 'none', chats: true, rules: false },
      { username: 'editor', chats: true, rules: false },
      { username: 'admin', chats: true, rules: true },
    ]);
  });

  it('take nothing away that a released version still uses', async () => {
    const takesAway = /\bDROP (?!INDEX\b)|\bRENAME\b|\bALTER \w+ TYPE (?!text\b)|\bSET NOT NULL\b/i;
    for (const name of names) {
      const [, up = ''] =
        /\bup:([\s\S]*?)\n {2}down:/.exec(await readText(`migrations/${name}`)) ?? [];
      expect(up, name).to.not.equal('');
      if (takesAway.test(up)) expect(up, name).to.match(/-- not used since \d+\.\d+\.\d+/);
    }
  });

  it('have nothing left to do when they are applied', async () => {
    await migrateUp(sequelize);
    expect(await migrateUp(sequelize)).to.deep.equal([]);
  });

  it('run once when several nodes start together', async () => {
    const others = [1, 2].map(() => createSequelize({ url: database.url, poolMax: 2 }));
    const applied = await Promise.all([sequelize, ...others].map(migrateUp));
    await Promise.all(others.map((other) => other.close()));
    expect(applied.flat()).to.deep.equal(names);
  });

  it('are the same ones for sequelize-cli, up and down', async () => {
    await cli('db:migrate');
    expect(await migrateUp(sequelize)).to.deep.equal([]);
    await cli('db:migrate:undo:all');
    expect(await objects()).to.deep.equal([]);
    expect(await migrateUp(sequelize)).to.deep.equal(names);
    const { stdout } = await cli('db:migrate:status');
    expect(stdout.match(/^up /gm)).to.have.length(names.length);
  });

  it('are not bound by the time-outs of requests', async () => {
    const patient = createSequelize({ url: `${database.url}`, poolMax: 2 });
    const { statement_timeout } = (await createSql(patient).one<{ statement_timeout: string }>(
      'SHOW statement_timeout',
    )) ?? { statement_timeout: '' };
    await patient.close();
    expect(statement_timeout).to.equal('5s');
    await createSql(sequelize).run(
      `CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF current_setting('statement_timeout') <> '0' THEN RAISE 'bound by %', current_setting('statement_timeout'); END IF;
       END $$`,
    );
    await sql.run('CREATE EVENT TRIGGER patience ON ddl_command_start EXECUTE FUNCTION note()');
    expect(await migrateUp(sequelize)).to.deep.equal(names);
  });
});
