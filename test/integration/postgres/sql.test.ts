import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { standStill } from '../../../lab/stand-still.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { startTcpProxy, type TcpProxy } from '../../../lab/stores/tcp-proxy.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { poolCounts } from '../../../src/adapters/postgres/sql/sequelize-internals.js';
import { createSql, type Sql, transaction } from '../../../src/adapters/postgres/sql/sql.js';
import { AppError } from '../../../src/entities/errors.js';

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

const codeOf = async (promise: Promise<unknown>) => {
  const error = await failure(promise);
  return error instanceof AppError ? error.code : error;
};

describe('Sql', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let sql: Sql;

  const count = async () => (await sql.rows('SELECT 1 FROM nodes')).length;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
    sql = createSql(sequelize);
  });

  after(async () => {
    await sequelize?.close();
    await database?.drop();
  });

  it('answers ids, counts, sums and arrays of ids as numbers', async () => {
    const row = await sql.one(
      `SELECT $1::int8 AS id, count(*) AS n, sum(id) AS total, array_agg(id ORDER BY id) AS ids,
              ARRAY[NULL, 7::int8] AS holes, '{}'::int8[] AS none FROM roles`,
      [2 ** 53 - 1],
    );
    expect(row).to.deep.equal({
      id: Number.MAX_SAFE_INTEGER,
      n: 2,
      total: 3,
      ids: [1, 2],
      holes: [null, 7],
      none: [],
    });
  });

  it('opens one connection for its first statement, and sends it nothing more than the settings', async () => {
    const { query } = pg.Client.prototype;
    const sent: { client: pg.Client; text: string }[] = [];
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const [first] = args as [string | { text: string }];
      sent.push({ client: this, text: typeof first === 'string' ? first : first.text });
      return Reflect.apply(query, this, args);
    } as typeof query;
    const pool = createSequelize({ url: database.url, poolMax: 2 });
    try {
      await createSql(pool).rows('SELECT 1 AS first');
    } finally {
      pg.Client.prototype.query = query;
      await pool.close();
    }
    expect(sent.map(({ text }) => text.split(' ').slice(0, 2).join(' '))).to.deep.equal([
      'SELECT pg_catalog.set_config(name,',
      'SELECT 1',
    ]);
    expect(new Set(sent.map(({ client }) => client)).size).to.equal(1);
  });

  it('answers times as Date and jsonb parsed', async () => {
    const row = await sql.one<{ at: Date; data: unknown }>(
      `SELECT timestamptz '2026-01-02 03:04:05.678+01' AS at, $1::jsonb AS data`,
      [{ text: '你好 🌍', list: [1] }],
    );
    expect(row?.at.toISOString()).to.equal('2026-01-02T02:04:05.678Z');
    expect(row?.data).to.deep.equal({ text: '你好 🌍', list: [1] });
  });

  it('answers null for no row and the number of rows that a statement touched', async () => {
    expect(await sql.one('SELECT 1 FROM users')).to.equal(null);
    expect(await sql.run('UPDATE roles SET name = name WHERE id > $1', [0])).to.equal(2);
    const insert = `INSERT INTO nodes (id) VALUES ('a'), ('b') ON CONFLICT DO NOTHING`;
    expect(await sql.run(insert)).to.equal(2);
    expect(await sql.run(insert)).to.equal(0);
    expect(await sql.rows('DELETE FROM nodes WHERE id = $1 RETURNING id', ['a'])).to.deep.equal([
      { id: 'a' },
    ]);
    expect(
      await sql.run('WITH gone AS (DELETE FROM nodes RETURNING 1) SELECT 1 FROM gone'),
    ).to.equal(1);
  });

  it('rolls a transaction back when its work rejects', async () => {
    const cause = new Error('no');
    const attempt = transaction(sequelize, async (tx) => {
      await tx.run(`INSERT INTO roles (name) VALUES ('ghost')`);
      expect(await sql.one(`SELECT 1 AS x FROM roles WHERE name = 'ghost'`)).to.equal(null);
      throw cause;
    });
    expect(await failure(attempt)).to.equal(cause);
    expect(await sql.one(`SELECT 1 AS x FROM roles WHERE name = 'ghost'`)).to.equal(null);
  });

  it('undoes everything when a statement failed that nobody minds, and keeps the connection', async () => {
    const [before, ghost] = [await count(), `INSERT INTO nodes (id) VALUES ('ghost')`];
    const attempt = transaction(sequelize, async (tx) => {
      await tx.run(ghost);
      await failure(tx.run('SELECT 1 / 0'));
    });
    expect(await failure(attempt)).to.be.an('error');
    expect(await count()).to.equal(before);
    expect(await transaction(sequelize, (tx) => tx.run(ghost))).to.equal(1);
  });

  it('undoes all statements of one turn when the first of them fails', async () => {
    const before = await count();
    const attempt = transaction(sequelize, (tx) =>
      Promise.all([tx.run('SELECT 1 / 0'), tx.run(`INSERT INTO nodes (id) VALUES ('late')`)]),
    );
    expect(await failure(attempt)).to.have.property('name', 'SequelizeDatabaseError');
    expect(await count()).to.equal(before);
  });

  it('says why the first of the statements of one turn failed, whichever of them is looked at', async () => {
    const late = `SET LOCAL statement_timeout = '1ms'`;
    const looked = await failure(
      transaction(sequelize, async (tx) => {
        const [, first, second] = await Promise.allSettled([
          tx.run(late),
          tx.run('SELECT pg_sleep(1)'),
          tx.run('SELECT 1'),
        ]);
        for (const one of [first, second]) {
          expect(one?.status === 'rejected' && one.reason).to.include({ code: 'unavailable' });
        }
        const after = await failure(tx.run('SELECT 2'));
        expect(after).to.include({ code: 'unavailable' });
        throw after;
      }),
    );
    expect(looked).to.include({ code: 'unavailable' });
  });

  it('refuses a statement after the end of its transaction', async () => {
    let kept: Sql | undefined;
    await transaction(sequelize, async (tx) => {
      kept = tx;
    });
    expect(await failure(kept?.run('SELECT 1') ?? Promise.resolve())).to.be.an('error');
  });

  it('runs transactions at READ COMMITTED', async () => {
    const level = await transaction(sequelize, (tx) => tx.one('SHOW transaction_isolation'));
    expect(level).to.deep.equal({ transaction_isolation: 'read committed' });
  });

  it('reports a lost connection as unavailable and goes on with a new one', async () => {
    const suicide = 'SELECT pg_terminate_backend(pg_backend_pid())';
    expect(await codeOf(sql.run(suicide))).to.equal('unavailable');
    expect(await codeOf(transaction(sequelize, (tx) => tx.run(suicide)))).to.equal('unavailable');
    expect(await sql.one('SELECT 1 AS x')).to.deep.equal({ x: 1 });
  });

  it('reports a server that is not there as unavailable', async () => {
    const nowhere = createSequelize({ url: 'postgres://a:b@127.0.0.1:1/c', poolMax: 1 });
    expect(await codeOf(createSql(nowhere).one('SELECT 1'))).to.equal('unavailable');
    await nowhere.close();
    expect(await codeOf(createSql(nowhere).one('SELECT 1'))).to.equal('unavailable');
  });

  it('keeps other errors as they are, without the values that were bound', async () => {
    const error = await failure(sql.run('SELECT 1 / length($1)', ['']));
    expect(error).to.have.property('name', 'SequelizeDatabaseError');
    expect(error).not.to.have.property('parameters');
    expect(error).not.to.have.nested.property('parent.parameters');
  });

  describe('after this process stood still for longer than a connection may take', () => {
    const ACQUIRE_MS = 1_000;
    let paused: Sequelize;

    beforeEach(() => {
      paused = createSequelize({ url: database.url, poolMax: 1, acquireMs: ACQUIRE_MS });
    });
    afterEach(() => paused.close());

    const one = () => createSql(paused).one<{ n: number }>('SELECT 1 AS n');

    it('has the connection that became free meanwhile', async () => {
      await one();
      const before = createSql(paused).one(`SELECT pg_sleep(${ACQUIRE_MS / 2_000})`);
      const waiting = one();
      await nextTurn();
      expect(poolCounts(paused)).to.include({ busy: 1, waiting: 1 });
      standStill(ACQUIRE_MS * 1.2);
      await before;
      expect(await waiting).to.deep.equal({ n: 1 });
    });

    it('has the connection that Postgres accepted meanwhile', async () => {
      const waiting = one();
      await nextTurn();
      standStill(ACQUIRE_MS * 1.2);
      expect(await waiting).to.deep.equal({ n: 1 });
    });

    it('does not wait longer for one that nobody gives back', async () => {
      const held = transaction(paused, async () => {
        expect(await codeOf(one())).to.equal('unavailable');
      });
      await held;
    });
  });

  describe('behind a network that swallows packets', () => {
    const SILENCE_MS = 400;
    let proxy: TcpProxy;
    let distantUrl: string;
    let distant: Sequelize;

    beforeEach(async () => {
      const url = new URL(database.url);
      proxy = await startTcpProxy(Number(url.port));
      url.host = `127.0.0.1:${proxy.port}`;
      distantUrl = url.href;
      distant = createSequelize({ url: distantUrl, poolMax: 1, silenceMs: SILENCE_MS });
    });
    afterEach(async () => {
      await distant.close();
      await proxy.stop();
    });

    const PID = 'SELECT pg_backend_pid() AS pid';
    const pid = async (connection = createSql(distant)) =>
      (await connection.one<{ pid: number }>(PID))?.pid;

    it('gives a silent connection up, and does not use it again', async () => {
      const before = await pid();
      proxy.mute(() => true);
      expect(await codeOf(pid())).to.equal('unavailable');
      proxy.mute(() => false);
      expect(await pid())
        .to.be.a('number')
        .and.not.equal(before);
    });

    it('asks the statements of one turn, BEGIN among them, without an answer in between', async () => {
      const patient = createSequelize({ url: distantUrl, poolMax: 1 });
      await pid(createSql(patient));
      proxy.mute(() => true);
      const work = transaction(patient, (tx) =>
        Promise.all([1, 2].map((key) => tx.run(`SELECT pg_advisory_xact_lock(777, ${key})`))),
      );
      const held = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 777`;
      await eventually(
        () => sql.rows(held),
        (locks) => locks.length === 2,
      );
      proxy.heal();
      await work;
      expect(await sql.rows(held)).to.deep.equal([]);
      await patient.close();
    });

    it('waits once for a whole transaction, not for its rollback too', async () => {
      let waitsAgain = false;
      const work = transaction(distant, async (tx) => {
        await pid(tx);
        proxy.mute(() => true);
        const from = performance.now();
        await pid(tx).finally(() => {
          expect(performance.now() - from).to.be.above(SILENCE_MS - 10);
          setTimeout(() => {
            waitsAgain = true;
          }, SILENCE_MS - 10);
        });
      });
      expect(await codeOf(work)).to.equal('unavailable');
      expect(waitsAgain).to.equal(false);
    });

    it('keeps a connection that is silent because nothing was asked', async () => {
      const before = await pid();
      // The silence itself is tested.
      await sleep(SILENCE_MS * 1.5);
      expect(await pid()).to.equal(before);
    });
  });
});
