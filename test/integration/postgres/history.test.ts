import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type pg from 'pg';
import { pino } from 'pino';
import { eventually } from '../../../lab/eventually.js';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { type OpenDatabase, openDatabase } from '../../../src/adapters/postgres/open-database.js';

const logger = pino({ level: 'silent' });
/** Far above the few numbers that were given out before a change. */
const FAR = 1_000_000;

describe('A database that is not where it was', () => {
  const databases: TestDatabase[] = [];
  const open: OpenDatabase[] = [];
  let sql: pg.Client;

  const database = async () => {
    const made = await createTestDatabase();
    databases.push(made);
    return made;
  };

  const connect = async (url: string) => {
    const opened = await openDatabase({ url, poolMax: 2, dataDir: '' }, logger);
    open.push(opened);
    return opened;
  };

  const close = async () => {
    for (const opened of open.splice(0)) await opened.close();
  };

  beforeEach(async () => {
    sql = createClient((await database()).url);
    await sql.connect();
  });
  afterEach(async () => {
    await close();
    await sql.end();
    for (const made of databases.splice(0)) await made.drop();
  });

  const rows = async (text: string) => (await sql.query(text)).rows;
  const deployment = async () => (await rows('SELECT * FROM deployment'))[0];
  /** The row as a dump restores it into another database. */
  const move = () => sql.query(`UPDATE deployment SET place = 'where the dump was made'`);
  const url = () => databases[0]?.url ?? '';
  const lockWaits = (count: number) =>
    eventually(
      () =>
        rows(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        ),
      ({ length }) => length === count,
    );

  it('is known again, whoever comes, and nothing moves', async () => {
    await connect(url());
    const first = await deployment();
    expect(first).to.include({ history: 0 });
    expect(first?.place).to.match(/^\d+\/0000000\d\/\d+\/\d+$/);
    await close();
    await connect(url());
    expect(await deployment()).to.deep.equal(first);
  });

  it('moves every id ahead, of all tables, and keeps its own id', async () => {
    await connect(url());
    const before = await deployment();
    await close();
    await move();
    await connect(url());
    const after = await deployment();
    expect([after?.id, after?.history]).to.deep.equal([before?.id, 1]);
    expect(after?.history_id).to.not.equal(before?.history_id);
    const sequences = await rows(
      `SELECT sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public'`,
    );
    expect(sequences.length).to.be.above(5);
    for (const { sequencename, last_value } of sequences) {
      expect(Number(last_value), sequencename).to.be.within(FAR, Number.MAX_SAFE_INTEGER);
    }
  });

  it('moves them once for nodes that start together, and further each time', async () => {
    await connect(url());
    await close();
    const last = async () => (await rows('SELECT last_value FROM messages_id_seq'))[0]?.last_value;
    await move();
    const other = createClient(url());
    await other.connect();
    await other.query('BEGIN; SELECT FROM deployment FOR UPDATE');
    const starts = Promise.all([connect(url()), connect(url()), connect(url())]);
    // All of them have then noticed that the data have moved.
    await lockWaits(3);
    await other.query('COMMIT');
    await Promise.all([starts, other.end()]);
    expect(await deployment()).to.include({ history: 1 });
    const once = Number(await last());
    await close();
    await move();
    await connect(url());
    expect(Number(await last())).to.be.at.least(once + FAR);
  });

  it('gives unfinished answers attempts above those that may be lost, and leaves who runs alone', async () => {
    const { db } = await connect(url());
    const user = await db.users.create({ email: 'a@example.com', username: 'a', passwordHash: '' });
    const { id } = await db.conversations.create(user.id, { title: '' });
    const turn = {
      conversationId: id,
      parentId: null,
      authorId: user.id,
      clientId: null,
      askedModel: null,
    };
    await db.messages.createTurn({ ...turn, content: 'go', model: 'm', title: null });
    const limits = { room: 1, perUser: 1, leaseMs: 60_000, takeOver: false };
    const [claim] = await db.generations.claim({ ...limits, nodeId: 'a' });
    if (!claim) throw new Error('nothing claimed');
    await close();
    await move();
    const { db: later } = await connect(url());
    expect(await later.generations.holds(claim)).to.equal(true);
    expect(await later.generations.renew('a', 60_000, [claim])).to.have.length(1);
    const other = { ...claim, claimId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' };
    expect(await later.generations.holds(other)).to.equal(false);
    expect(await later.generations.renew('a', 60_000, [other])).to.deep.equal([]);
    const outcome = {
      ...{
        status: 'completed' as const,
        content: 'of another run',
        sha256: '00',
        reasoning: null,
        reasoningMs: null,
        vendor: null,
        model: null,
        context: null,
        cursor: { attempt: 1, seq: 1 },
      },
      ...{ finishReason: 'stop', usage: null, currency: null, error: null },
    };
    expect(await later.generations.finish(other, outcome)).to.equal('fenced');
    await later.generations.handBack(other);
    expect(await later.generations.holds(claim)).to.equal(true);
    await later.generations.handBack(claim);
    const [again] = await later.generations.claim({ ...limits, nodeId: 'b' });
    expect(again?.attempt).to.equal(1_002);
    expect(again?.claimId).to.not.equal(claim.claimId);
    const raised = again && (await later.generations.raise(again, 2_000));
    expect(raised?.attempt).to.equal(2_001);
    expect(await later.generations.raise(claim, 0)).to.equal(null);
  });

  it('is known by the start of its server where a role may not ask for more', async () => {
    const role = `plain_${randomBytes(4).toString('hex')}`;
    const name = new URL(url()).pathname.slice(1);
    await sql.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await sql.query(`ALTER DATABASE ${name} OWNER TO ${role}`);
    await sql.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public');
    for (const { kind, name: of } of await rows(
      `SELECT CASE c.relkind WHEN 'r' THEN 'TABLE' ELSE 'SEQUENCE' END AS kind, c.relname AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`,
    )) {
      await sql.query(`ALTER ${kind} "${of}" OWNER TO ${role}`);
    }
    await sql.query(`GRANT ALL ON SCHEMA public TO ${role}`);
    const theirs = Object.assign(new URL(url()), { username: role, password: 'secret' }).href;
    await connect(theirs);
    expect((await deployment())?.place).to.match(/^started /);
    await move();
    await close();
    await connect(theirs);
    expect(await deployment()).to.include({ history: 1 });
    await close();
    await sql.query(`ALTER DATABASE ${name} OWNER TO CURRENT_USER`);
    await sql.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER`);
    await sql.query(`DROP OWNED BY ${role}`);
    await sql.query(`DROP ROLE ${role}`);
  });
});
