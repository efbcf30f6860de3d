import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { pino } from 'pino';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { ImportReport } from '../../../src/contract/imports.js';
import { DomainEvents } from '../../../src/domain/events.js';
import { ImportService } from '../../../src/domain/imports/import-service.js';
import { HeavyWork } from '../../../src/domain/limits/heavy-work.js';
import type { Asker } from '../../../src/domain/rights/held-right.js';
import { unavailable } from '../../../src/entities/errors.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';
import { simple } from '../../support/foreign-files.js';

const FILE = { bytes: 1, close: async () => {} };
const COUNT = 3;
const gone = () => unavailable(new Error('gone'));

/** Calls `work`, and fails after the first call, or in its place. */
function failingOnce<A extends unknown[], R>(
  work: (...args: A) => Promise<R>,
  when: 'before' | 'after',
): (...args: A) => Promise<R> {
  let failures = 0;
  return async (...args) => {
    const fails = failures === 0;
    failures += 1;
    if (fails && when === 'before') throw gone();
    const result = await work(...args);
    if (fails) throw gone();
    return result;
  };
}

describe('An import, whatever its database does,', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let asker: Asker;
  const turns = () => createTurns(sequelize);

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    db = createDatabase(sequelize);
    const { user, sql } = turns();
    const userId = await user();
    await sql.run(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'user'`,
      [userId],
    );
    const [sessionId, now] = [randomUUID(), Date.now()];
    await db.sessions.create({
      ...{ id: sessionId, userId, userAgent: '', ip: '' },
      ...{ rotatedAt: new Date(now), expiresAt: new Date(now + 3_600_000) },
    });
    asker = { userId, sessionId };
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });
  /** Imports three conversations of any file, one at a time. */
  const serviceOf = (db: Database, name: string, events = new DomainEvents()) =>
    new ImportService({
      files: {
        receive: async () => FILE,
        async *read() {
          for (let n = 0; n < COUNT; n += 1)
            yield { value: simple(`${name}${n}`), head: {}, problem: null, title: '' };
        },
      },
      ...{ db, events, work: new HeavyWork({ perUser: 1, total: 1 }) },
      ...{ findModel: () => null, now: Date.now, logger: pino({ level: 'silent' }) },
    });

  /** The report of an import of three conversations whose database is `away`, and how many of these are stored. */
  async function ended(away: Database, name: string) {
    const service = serviceOf(away, name);
    const { id } = await service.begin(asker, async () => FILE);
    const report = await eventually(
      () => service.get(asker.userId, id),
      ({ status }) => status !== 'running',
    );
    await service.stop();
    const stored = await turns().sql.one<{ count: number }>(
      'SELECT count(*)::int AS count FROM conversations WHERE title LIKE $1',
      [`chat ${name}%`],
    );
    return { report, stored: stored?.count };
  }

  const ALL = { status: 'done', found: COUNT, imported: COUNT, duplicates: 0, error: null };

  it('has closed its file and left its place when its end is told', async () => {
    const events = new DomainEvents();
    const service = serviceOf(db, 'place', events);
    let isClosed = false;
    const close = async () => {
      await turns().sql.run('SELECT');
      isClosed = true;
    };
    const next = new Promise<unknown>((resolve) => {
      const listen = (_userId: number, { status: now }: ImportReport) => {
        if (now !== 'done') return;
        events.off('imported', listen);
        const wasClosed = isClosed;
        const begun = service.begin(asker, async () => FILE);
        resolve(begun.then(({ status }) => ({ status, wasClosed })));
      };
      events.on('imported', listen);
    });
    await service.begin(asker, async () => ({ ...FILE, close }));
    expect(await next).to.deep.equal({ status: 'running', wasClosed: true });
    await service.stop();
  });

  it('goes on when its counts could not be kept', async () => {
    const update = failingOnce(db.imports.update, 'before');
    const { report, stored } = await ended({ ...db, imports: { ...db.imports, update } }, 'counts');
    expect(report).to.include(ALL);
    expect(stored).to.equal(COUNT);
  });

  it('keeps its end when the first try fails', async () => {
    const keepEnd = failingOnce(db.imports.update, 'before');
    const update: typeof db.imports.update = (id, state) =>
      state.status === 'running' ? db.imports.update(id, state) : keepEnd(id, state);
    const { report } = await ended({ ...db, imports: { ...db.imports, update } }, 'end');
    expect(report).to.include(ALL);
  });

  it('looks again whether a conversation is known', async () => {
    const isKnown = failingOnce(db.imports.isKnown, 'before');
    const { report } = await ended({ ...db, imports: { ...db.imports, isKnown } }, 'look');
    expect(report).to.include(ALL);
  });

  for (const when of ['before', 'after'] as const) {
    it(`stores each conversation once, though one store failed ${when} its commit`, async () => {
      const work = failingOnce((run: () => Promise<unknown>) => run(), when);
      let calls = 0;
      // The first transaction creates the import.
      const transaction = ((inside) => {
        calls += 1;
        const run = () => db.transaction(inside);
        return calls === 1 ? run() : work(run);
      }) as Database['transaction'];
      const { report, stored } = await ended({ ...db, transaction }, when);
      expect(report).to.include(ALL);
      expect(stored).to.equal(COUNT);
    });
  }
});
