import { once } from 'node:events';
import { expect } from 'chai';
import { pino } from 'pino';
import type { Sequelize } from 'sequelize';
import { standStill } from '../../../lab/stand-still.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createMemoryEngine } from '../../../src/adapters/memory/engine.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { createSql } from '../../../src/adapters/postgres/sql/sql.js';
import { NodeAdmission } from '../../../src/domain/nodes/node-admission.js';
import { NodeHealth } from '../../../src/domain/nodes/node-health.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const NODE = { id: 'node-1', hostname: 'here', version: '0', process: '' };
const logger = pino({ level: 'silent' });

describe("A node's heartbeat", () => {
  let database: TestDatabase;
  let sequelize: Sequelize;

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
  });
  afterEach(async () => {
    await sequelize.close();
    await database.drop();
  });

  const rows = () => createSql(sequelize).rows('SELECT id, hears FROM nodes');

  const create = async (db: Database, check: () => 'ok' | 'degraded' = () => 'ok') => {
    const { id: deploymentId } = await db.deployment.read();
    const deps = { db, engine: createMemoryEngine(), deploymentId, isGone: () => false, logger };
    return new NodeHealth(
      db,
      { check: async () => check() },
      new NodeAdmission(deps, NODE),
      logger,
    );
  };

  it('is in the table from the start of a node to its end', async () => {
    const health = await create(createDatabase(sequelize));
    await health.start();
    expect(await rows()).to.deep.equal([{ id: 'node-1', hears: true }]);
    await health.stop();
    expect(await rows()).to.deep.equal([]);
  });

  it('is not sent any more by a node that has ended, whatever it is asked', async () => {
    const health = await create(createDatabase(sequelize));
    await health.start();
    await health.stop();
    await health.hurry();
    expect(await rows()).to.deep.equal([]);
  });

  it('leaves no row behind when the end comes in the middle of a beat', async () => {
    const db = createDatabase(sequelize);
    const steps = new EventTarget();
    const taken: string[] = [];
    const step = (name: string) => {
      taken.push(name);
      steps.dispatchEvent(new Event(name));
    };
    let verdict: 'ok' | 'degraded' = 'ok';
    const nodes: Database['nodes'] = {
      ...db.nodes,
      async beat(beat) {
        step('beat');
        if (!beat.hears) await once(steps, 'go on');
        return db.nodes.beat(beat);
      },
      async leave(id) {
        step('leave');
        await db.nodes.leave(id);
      },
    };
    const health = await create({ ...db, nodes }, () => verdict);
    await health.start();
    verdict = 'degraded';
    await once(steps, 'beat');
    const stopped = health.stop();
    step('go on');
    await stopped;
    expect(taken).to.deep.equal(['beat', 'beat', 'go on', 'leave']);
    expect(await rows()).to.deep.equal([]);
  });

  it('tells others that its node hears, from a moment on and while it is alive', async () => {
    const { nodes } = createDatabase(sequelize);
    await nodes.beat({ ...NODE, id: 'peer', hub: '', hears: true });
    const age = (seconds: number) =>
      createSql(sequelize).run(
        `UPDATE nodes SET beat_at = now() - $1::integer * interval '1 second'`,
        [seconds],
      );
    await age(5);
    expect(await nodes.peersHear('node-1', 1_000)).to.equal(false);
    expect(await nodes.peersHear('node-1', 9_000)).to.equal(true);
    expect(await nodes.peersHear('peer', 9_000)).to.equal(false);
    await age(13);
    expect(await nodes.peersHear('node-1', 60_000)).to.equal(false);
  });
});

describe('The readiness of a node', () => {
  it('does not suffer from a reply that waited while the node stood still', async () => {
    const database = await createTestDatabase();
    const sequelize = createSequelize({ url: database.url, poolMax: 2 });
    const ping = async () => void (await createSql(sequelize).run('SELECT pg_sleep(0.2)'));
    const admission = { beat: async () => null, leave: async () => {}, isToDrain: false };
    const health = new NodeHealth({ ping }, { check: async () => 'ok' }, admission, logger);
    await ping();
    const readiness = health.readiness();
    await new Promise(setImmediate);
    standStill(2_500);
    expect((await readiness).checks.database).to.equal('ok');
    await sequelize.close();
    await database.drop();
  });
});
