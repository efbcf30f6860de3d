import { expect } from 'chai';
import { pino } from 'pino';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createClient } from '../../../lab/stores/client.js';
import {
  createEmptyDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../../../lab/stores/database.js';
import { openDatabase } from '../../../src/adapters/postgres/open-database.js';
import { checkServer } from '../../../src/adapters/postgres/server-check.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { createSql, type Sql } from '../../../src/adapters/postgres/sql/sql.js';
import { parsePostgresUrl } from '../../../src/config/postgres-url.js';
import { StartProblem } from '../../../src/entities/errors.js';
import { expectNoRejections } from '../../support/rejections.js';

/** Settings that an administrator may have made, and the values that our sessions have anyway. */
const HOSTILE: [name: string, value: string, pinned: string][] = [
  ['DateStyle', 'German, DMY', 'ISO, MDY'],
  ['IntervalStyle', 'sql_standard', 'postgres'],
  ['TimeZone', 'Asia/Kathmandu', 'UTC'],
  ['client_encoding', 'LATIN1', 'UTF8'],
  ['standard_conforming_strings', 'off', 'on'],
  ['bytea_output', 'escape', 'hex'],
  ['extra_float_digits', '-15', '1'],
  ['search_path', 'elsewhere, pg_catalog', 'public'],
  ['default_transaction_isolation', 'serializable', 'read committed'],
  ['default_transaction_deferrable', 'on', 'off'],
  ['statement_timeout', '1', '5s'],
  ['lock_timeout', '1', '0'],
  ['idle_in_transaction_session_timeout', '1', '30s'],
  ['idle_session_timeout', '5000', '0'],
  ['transaction_timeout', '5000', '0'],
  ['array_nulls', 'off', 'on'],
  ['transform_null_equals', 'on', 'off'],
  ['plan_cache_mode', 'force_generic_plan', 'auto'],
  ['jit', 'on', 'off'],
  ['exit_on_error', 'on', 'off'],
  ['gin_fuzzy_search_limit', '1', '0'],
  ['synchronous_commit', 'off', 'local'],
  ['session_replication_role', 'replica', 'origin'],
];
/** Settings that are not pinned, because they do no harm. */
const HARMLESS: [name: string, value: string][] = [
  ['row_security', 'off'],
  ['xmloption', 'document'],
  ['xmlbinary', 'hex'],
  ['enable_indexscan', 'off'],
  ['lc_monetary', 'C'],
  ['lc_numeric', 'C'],
  ['lc_time', 'C'],
  ['lc_messages', 'C'],
  ['from_collapse_limit', '1'],
  ['join_collapse_limit', '1'],
  ['work_mem', '64kB'],
  ['max_parallel_workers_per_gather', '8'],
  ['timezone_abbreviations', 'India'],
  ['backslash_quote', 'off'],
  ['client_min_messages', 'debug1'],
  ['check_function_bodies', 'off'],
  ['quote_all_identifiers', 'on'],
  ['escape_string_warning', 'on'],
  ['default_text_search_config', 'pg_catalog.turkish'],
];

const nameIn = (url: string) => new URL(url).pathname.slice(1);

async function ask(url: string, ...statements: string[]): Promise<void> {
  const limits = ['statement_timeout', 'transaction_timeout', 'lock_timeout'].map(
    (n) => `-c ${n}=0`,
  );
  const options = `-c search_path=public ${limits.join(' ')}`;
  const client = createClient({ connectionString: url, options });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const literal = (value: string) => (value.includes(',') ? value : `'${value}'`);

describe('Settings of the database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());
  expectNoRejections();

  const alter = (what: string, settings: readonly (readonly string[])[]) =>
    settings.map(([name = '', value = '']) => `ALTER ${what} SET ${name} = ${literal(value)}`);

  it('do not reach the sessions of a node', async () => {
    await ask(database.url, ...alter(`DATABASE ${nameIn(database.url)}`, HOSTILE));
    const sequelize = createSequelize({ url: database.url, poolMax: 1 });
    const names = HOSTILE.map(([name]) => name);
    const shown = await createSql(sequelize).rows<{ name: string; value: string }>(
      'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS asked (name)',
      [names],
    );
    await sequelize.close();
    expect(Object.fromEntries(shown.map(({ name, value }) => [name, value]))).to.deep.equal(
      Object.fromEntries(HOSTILE.map(([name, , pinned]) => [name, pinned])),
    );
  });

  it('are kept where they promise more: commits that wait for standbys', async () => {
    const name = nameIn(database.url);
    await ask(database.url, `ALTER DATABASE ${name} SET synchronous_commit = remote_apply`);
    const sequelize = createSequelize({ url: database.url, poolMax: 1 });
    const shown = await createSql(sequelize).one('SHOW synchronous_commit');
    await sequelize.close();
    expect(shown).to.deep.equal({ synchronous_commit: 'remote_apply' });
  });

  it('are found by the check of a connection that does not pin them', async () => {
    const client = createClient({ connectionString: database.url, options: '-c TimeZone=Japan' });
    await client.connect();
    const one = async (text: string, bind: unknown[]) => (await client.query(text, bind)).rows[0];
    const target = parsePostgresUrl(database.url);
    const problem = () =>
      checkServer({ one } as unknown as Sql, target).then(
        () => '',
        (error: Error) => error.message,
      );
    try {
      expect(await problem()).to.match(/does not keep search_path,.* TimeZone.* for a session/);
      await client.query(`SET search_path TO public; SET "TimeZone" TO 'UTC'`);
      await client.query(`SET "DateStyle" TO 'ISO, MDY'; SET "IntervalStyle" TO 'postgres'`);
      expect(await problem()).to.equal('');
    } finally {
      await client.end();
    }
  });

  for (const where of ['database', 'role'] as const) {
    describe(`of its ${where === 'role' ? 'user' : 'own'}, all of them hostile,`, () => {
      let app: TestApp | undefined;
      const role = `hostile_${process.pid}`;
      afterEach(async () => {
        await app?.stop();
        app = undefined;
        await ask(database.url, `DROP ROLE IF EXISTS ${role}`);
      });

      it('change nothing about an answer', async () => {
        const name = nameIn(database.url);
        const what = where === 'database' ? `DATABASE ${name}` : `ROLE ${role}`;
        const login = [`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'p'`];
        const settings = alter(what, [...HOSTILE, ...HARMLESS]);
        await ask(database.url, ...(where === 'role' ? login : []), ...settings);
        const url = new URL(database.url);
        if (where === 'role') Object.assign(url, { username: role, password: 'p' });
        app = await startApp({ DATABASE_URL: url.href });
        const ada = await app.register('ada');
        const device = await app.device(ada);
        const held = app.upstream.next();
        const sent = await device.ask('message:send', {
          client_id: 'one',
          content: "it's \\ '' ü",
        });
        held.write('Grüße, 世界');
        held.finish();
        const ended = await device.ended(sent.assistant_message.id);
        expect(ended).to.include({ status: 'completed', attempt: 1 });
        const sequelize = createSequelize({ url: url.href, poolMax: 1 });
        const stored = await createSql(sequelize).rows<{ content: string; age: number }>(
          'SELECT content, abs(extract(epoch FROM now() - created_at)) AS age FROM messages ORDER BY id',
        );
        await sequelize.close();
        expect(stored.map(({ content }) => content)).to.deep.equal(["it's \\ '' ü", 'Grüße, 世界']);
        for (const { age } of stored) expect(age).to.be.below(600);
        const opened = await device.ask('conversation:open', {
          conversation_id: sent.conversation.id,
        });
        expect(JSON.stringify(opened)).to.include('Grüße, 世界');
      });
    });
  }
});

describe('A database that cannot serve', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());
  expectNoRejections();

  const settings = (url: string) => ({ url, poolMax: 2, dataDir: '/nowhere' });

  async function refusalOf(url: string): Promise<string> {
    const opened = await openDatabase(settings(url), pino({ level: 'silent' })).catch(
      (error: unknown) => error,
    );
    if (!(opened instanceof Error)) {
      await (opened as { close(): Promise<void> }).close();
      return '';
    }
    expect(opened).to.be.instanceOf(StartProblem);
    expect(opened.message).not.to.include('\n');
    return opened.message;
  }

  const REFUSED: [what: string, statements: (name: string) => string[], said: RegExp][] = [
    [
      'that only reads',
      (name) => [`ALTER DATABASE ${name} SET default_transaction_read_only = on`],
      /is read-only: set default_transaction_read_only to off/,
    ],
    [
      'without its schema',
      () => ['DROP SCHEMA public CASCADE'],
      /has no schema public in the data/,
    ],
    [
      'with the tables elsewhere',
      () => [
        'CREATE SCHEMA own',
        'CREATE TABLE own."SequelizeMeta" (name text)',
        'CREATE TABLE own.generations (id bigint)',
      ],
      /tables in schema own, not in public: move them, or add \?options=-csearch_path=own to/,
    ],
    [
      'with a foreign table in the place of one of its own',
      () => ['CREATE TABLE users (id integer)'],
      /cannot be used: relation "users" already exists/,
    ],
  ];

  for (const [what, statements, said] of REFUSED) {
    it(`is refused at the start: one ${what}`, async () => {
      await ask(database.url, ...statements(nameIn(database.url)));
      expect(await refusalOf(database.url)).to.match(said);
    });
  }

  for (const encoding of ['LATIN1', 'SQL_ASCII', 'EUC_JP']) {
    it(`is refused at the start: one in ${encoding}`, async () => {
      const name = `${nameIn(database.url)}_other`;
      const create = `CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0`;
      await ask(database.url, create);
      try {
        const url = Object.assign(new URL(database.url), { pathname: name }).href;
        expect(await refusalOf(url)).to.match(
          new RegExp(`keeps the database ${name} in ${encoding}: create one with ENCODING 'UTF8'`),
        );
      } finally {
        await ask(database.url, `DROP DATABASE ${name} WITH (FORCE)`);
      }
    });
  }

  it('is refused at the start: one in which its user may not create tables, or not write', async () => {
    const role = `guest_${process.pid}`;
    await ask(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
    const url = Object.assign(new URL(database.url), { username: role, password: 'p' }).href;
    try {
      expect(await refusalOf(url)).to.match(
        new RegExp(`${role} create tables: GRANT USAGE, CREATE ON SCHEMA public TO ${role}$`),
      );
      expect(await refusalOf(database.url)).to.equal('');
      await ask(database.url, `GRANT USAGE, CREATE ON SCHEMA public TO ${role}`);
      expect(await refusalOf(url)).to.match(
        /permission denied for table \S+; grant what is missing/,
      );
    } finally {
      await ask(database.url, `DROP OWNED BY ${role}`, `DROP ROLE ${role}`);
    }
  });

  it('serves from a schema that its address names, whatever the search path', async () => {
    await ask(database.url, 'CREATE SCHEMA own', 'DROP SCHEMA public CASCADE');
    const url = `${database.url}?options=-csearch_path%3Down`;
    expect(await refusalOf(url)).to.equal('');
    await ask(database.url, 'SELECT FROM own.users');
  });
});
