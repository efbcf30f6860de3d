import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Sequelize } from 'sequelize';
import { type LoneApp, launchApp } from '../../../lab/nodes/lone-app.js';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, giveId, type TestDatabase } from '../../../lab/stores/database.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import { createMemoryEngine } from '../../../src/adapters/memory/engine.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { createProcessMarks } from '../../../src/adapters/process-marks.js';
import { createKeys } from '../../../src/adapters/redis/keys.js';
import { NodeAdmission } from '../../../src/domain/nodes/node-admission.js';
import { NodeHealth } from '../../../src/domain/nodes/node-health.js';
import { expectNoRejections } from '../../support/rejections.js';

const isWaiting = ({ code, reason }: { code: number; reason?: string }) =>
  code === 503 && reason !== undefined;
const serves = ({ status }: { status: string }) => status === 'ready';

describe('A node beside another one on its database', () => {
  expectNoRejections();

  let database: TestDatabase;
  let redis: TestRedis;
  let other: TestRedis;
  const running: LoneApp[] = [];

  before(async () => {
    [redis, other] = [await startRedis(), await startRedis()];
  });
  after(async () => {
    await Promise.all([redis.stop(), other.stop()]);
  });
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    for (const app of running.splice(0)) await app.stop();
    await database.drop();
  });

  const launch = async (env: Record<string, string> = {}) => {
    const app = await launchApp({ DATABASE_URL: database.url, ...env });
    running.unshift(app);
    return app;
  };
  const onRedis = () => ({ REDIS_URL: redis.url });
  const elsewhere = () => ({ REDIS_URL: other.url });

  const CASES = [
    [
      'without Redis, where one without Redis serves',
      () => ({}),
      () => ({}),
      /without Redis.*REDIS_URL/,
    ],
    ['without Redis, where one with Redis serves', onRedis, () => ({}), /with Redis.*REDIS_URL/],
    ['with Redis, where one without Redis serves', () => ({}), onRedis, /without Redis.*REDIS_URL/],
    ['with another Redis', onRedis, elsewhere, /another Redis.*one REDIS_URL/, 'warn'],
  ] as const;

  for (const [name, first, second, reason, level = 'error'] of CASES) {
    it(`does not serve ${name}, says why, and takes over when that one has ended`, async () => {
      const serving = await launch(first());
      await serving.started;
      const waiting = await launch(second());
      const found = await waiting.until(isWaiting);
      expect(found.checks.node).to.equal('failed');
      expect(found.reason).to.match(reason);
      expect(waiting.reasons).to.deep.equal([{ level, reason: found.reason }]);
      const { status } = await fetch(`${waiting.url}/auth/login`, { method: 'POST' });
      expect(status).to.equal(503);
      expect((await fetch(`${waiting.url}/health`)).status).to.equal(200);
      expect(await serving.ready()).to.include({ status: 'ready', code: 200 });
      await serving.stop();
      await waiting.started;
      expect(await waiting.until(serves)).to.not.have.property('reason');
    });
  }

  it('serves with the same Redis', async () => {
    for (const app of [await launch(onRedis()), await launch(onRedis())]) {
      await app.started;
      expect(await app.ready()).to.include({ status: 'ready', code: 200 });
    }
  });

  it('serves soon, without an alarm, when Redis has lost what it knew and the others have not seen it yet', async () => {
    const serving = await launch(onRedis());
    await serving.started;
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();
    const late = await launch(onRedis());
    await late.started;
    for (const app of [serving, late]) {
      expect(await app.until(serves)).to.not.have.property('reason');
      expect(app.reasons.filter(({ level }) => level === 'error')).to.deep.equal([]);
    }
  });

  it('can be ended while it waits', async () => {
    await (await launch()).started;
    const waiting = await launch();
    await waiting.until(isWaiting);
    await waiting.stop();
    await waiting.started;
  });

  it('does not serve on a copy of the database with the same Redis, until the copy has an id of its own', async () => {
    const copy = await createTestDatabase();
    const [original, target] = [createClient(database.url), createClient(copy.url)];
    await Promise.all([original.connect(), target.connect()]);
    const { rows } = await original.query('SELECT id FROM deployment');
    await target.query('UPDATE deployment SET id = $1', [rows[0]?.id]);
    await Promise.all([original.end(), target.end()]);
    const serving = await launch(onRedis());
    await serving.started;
    const waiting = await launch({ ...onRedis(), DATABASE_URL: copy.url });
    expect((await waiting.until(isWaiting)).reason).to.match(/copy.*gen_random_uuid/);
    expect(await serving.ready()).to.include({ status: 'ready' });
    await giveId(copy.url);
    await waiting.until(({ reason = '' }) => /restart/.test(reason));
    await waiting.stop();
    const renamed = await launch({ ...onRedis(), DATABASE_URL: copy.url });
    await renamed.started;
    expect(await renamed.ready()).to.include({ status: 'ready' });
    await renamed.stop();
    await copy.drop();
  });
});

describe('The admission of nodes that do not hear each other', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  const logger = pino({ level: 'silent' });

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
  });
  afterEach(async () => {
    await sequelize.close();
    await database.drop();
  });

  const create = async (id: string, isGone: (mark: string) => boolean = () => false) => {
    const db = createDatabase(sequelize);
    const { id: deploymentId } = await db.deployment.read();
    const deps = { db, engine: createMemoryEngine(), deploymentId, isGone, logger };
    return new NodeAdmission(deps, { id, hostname: id, version: '0', process: `process of ${id}` });
  };
  const silence = (seconds: number) =>
    sequelize.query(
      `UPDATE nodes SET beat_at = now() - interval '${seconds} seconds' WHERE id = 'a'`,
    );

  it('lets the one serve that stands longer, until it is silent', async () => {
    const [a, b] = [await create('a'), await create('b')];
    expect(await a.beat(true)).to.equal(null);
    expect(await b.beat(true)).to.include({ kind: 'alone' });
    expect(await a.beat(true)).to.equal(null);
    await silence(11);
    expect(await b.beat(true)).to.include({ kind: 'alone' });
    await silence(13);
    expect(await b.beat(true)).to.equal(null);
  });

  it('does not give its place back to one that was frozen', async () => {
    const [a, b] = [await create('a'), await create('b')];
    await a.beat(true);
    await silence(13);
    expect(await b.beat(true)).to.equal(null);
    const refusal = await a.beat(true);
    expect(refusal).to.include({ kind: 'alone' });
    expect(await b.beat(true)).to.equal(null);
    const db = createDatabase(sequelize);
    const health = new NodeHealth(db, { check: async () => 'ok' }, a, logger);
    const ousted = new Promise<void>((resolve) => health.onOusted(resolve));
    await health.start();
    await ousted;
    const { status, reason } = await health.readiness();
    expect({ status, reason }).to.deep.equal({ status: 'unready', reason: refusal?.reason });
    await health.stop();
  });

  it('does not wait for one whose process is gone', async () => {
    const [a, b] = [await create('a'), await create('b', (mark) => mark === 'process of a')];
    await a.beat(true);
    expect(await b.beat(true)).to.equal(null);
  });

  it('sends its heartbeat although calls of users hold all their connections', async () => {
    const { id: deploymentId } = await createDatabase(sequelize).deployment.read();
    const users = createSequelize({ url: database.url, poolMax: 1 });
    const held = await users.transaction();
    try {
      const db = createDatabase(users, sequelize);
      const deps = { db, engine: createMemoryEngine(), deploymentId, isGone: () => false, logger };
      const node = { id: 'a', hostname: 'a', version: '0', process: '' };
      expect(await new NodeAdmission(deps, node).beat(true)).to.equal(null);
    } finally {
      await held.rollback();
      await users.close();
    }
  });

  it('ends with a new id of the deployment, for its nodes would not hear those that start later', async () => {
    const a = await create('a');
    await giveId(database.url);
    expect(await a.beat(true)).to.include({ kind: 'renamed' });
  });
});

describe('Nodes that meet in Redis', () => {
  let redis: TestRedis;

  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  it('give it one name, which outlives their silence; the location of their data does not', async () => {
    const { engine, peer, keyPrefix, stop } = await startRedisNodes(redis.url);
    const { hub } = await engine.meet('here');
    expect(await peer.meet('there')).to.deep.equal({ hub, isTaken: true });
    const client = new Redis(redis.url);
    const { meeting } = createKeys(keyPrefix, 'any');
    expect(await client.pttl(meeting)).to.be.above(3_600_000);
    const heldFor = Number(await client.hget(meeting, 'held_until')) - Date.now();
    expect(heldFor).to.be.within(5_000, 15_000);
    await client.hset(meeting, 'held_until', Date.now() - 1);
    await client.quit();
    expect(await peer.meet('there')).to.deep.equal({ hub, isTaken: false });
    expect(await engine.meet('here')).to.deep.equal({ hub, isTaken: true });
    await stop();
  });

  it('move the location together, as after a restart of Postgres', async () => {
    const { engine, peer, stop } = await startRedisNodes(redis.url);
    for (const location of ['before', 'after'])
      for (const node of [engine, peer]) {
        expect((await node.meet(location)).isTaken, location).to.equal(false);
      }
    await stop();
  });
});

describe('The mark of a process', () => {
  it('tells for certain that a process of this machine has ended, and of no other', async () => {
    const { own, isGone } = createProcessMarks();
    const child = spawn('sleep', ['60']);
    const mark = own.replace(/\d+$/, String(child.pid));
    expect([isGone(own), isGone(mark), isGone('')]).to.deep.equal([false, false, false]);
    child.kill();
    await once(child, 'exit');
    expect(isGone(mark)).to.equal(true);
    expect(isGone(mark.replace(/^./, '_'))).to.equal(false);
  });
});
