const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const tsx = require('tsx/cjs/api');

/** The node's own parser of the address, and its own session settings. */
const load = (name) => tsx.require(`../src/${name}.ts`, __filename);

const read = (...path) => readFileSync(resolve(...path), 'utf8').trim();

/** The address of the embedded server, from the files beside its data. */
function embeddedUrl() {
  const dir = resolve(process.env.DATA_DIR || '.data', 'postgres');
  try {
    const port = read(dir, 'postmaster.pid').split('\n')[3];
    return `postgres://parley:${read(dir, 'parley-password')}@127.0.0.1:${port}/parley`;
  } catch (cause) {
    throw new Error(
      'DATABASE_URL is not set and the embedded Postgres does not run: set it, or use `npm run migrate`.',
      { cause },
    );
  }
}

// This file is not in the folder of migrations, because sequelize-cli would take it for one of them.
module.exports = async () => {
  const { parsePostgresUrl } = load('config/postgres-url');
  const target = parsePostgresUrl(process.env.DATABASE_URL || embeddedUrl());
  const { user: username, ...connection } = load('adapters/postgres/sql/connection').connectionOf(
    target,
  );
  const { host, port, database, password, ...dialectOptions } = connection;
  return {
    ...{ host, port, database, username, password, dialectOptions },
    dialect: 'postgres',
    dialectModule: load('adapters/postgres/sql/driver').driver,
    migrationStorageTableName: 'SequelizeMeta',
  };
};
