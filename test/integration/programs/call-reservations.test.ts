import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { ChunkReader } from '../../../lab/people/chunk-reader.js';
import { limitTokens } from '../../../lab/people/roles.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { OpenAIProblem } from '../../../src/contract/openai.js';
import type { UsageReport } from '../../../src/contract/usage.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const EACH = 100;
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const MINUTE_MS = 60_000;

const KINDS: Record<string, Record<string, string>> = {
  'a call': {},
  'a call with an Idempotency-Key': { 'idempotency-key': 'k' },
};

describe('What a call of /v1 holds of a quota', () => {
  let app: TestApp;
  let ann: Account;
  let sequelize: Sequelize;
  let db: Database;
  let serial = 0;
  const readers: ChunkReader[] = [];

  before(async () => {
    app = await startApp({ RESERVE_TOKENS: String(EACH), LIMIT_SCALE: '0' });
    sequelize = createSequelize({ url: app.databaseUrl, poolMax: 4 });
    db = createDatabase(sequelize);
  });
  after(async () => {
    await sequelize?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  const begin = async (headers: Record<string, string> = {}, more: object = {}) => {
    const held = app.upstream.next();
    const body = { model: 'test-model', stream: true, messages: [{ role: 'user', content: 'q' }] };
    const url = `${app.url}/v1/chat/completions`;
    const asked = ChunkReader.open(url, ann.token, { headers, body: { ...body, ...more } });
    await held.opened;
    held.write('half ');
    const reader = await asked;
    readers.push(reader);
    return { held, reader };
  };
  const refusal = async () => {
    const body = { model: 'test-model', messages: [{ role: 'user', content: 'q' }] };
    const call = { token: ann.token, body };
    const answer = await app.call<Partial<OpenAIProblem>>('/v1/chat/completions', call);
    return answer.body.error?.code;
  };
  const usage = async () =>
    (await app.call<UsageReport>('/users/me/usage', { token: ann.token })).body.day;
  const rows = () =>
    app.rows<{ id: string; model: string | null; tokens: string; ms: number }>(
      `SELECT id, model, tokens, extract(epoch FROM expires_at - clock_timestamp())::float8 * 1000 AS ms
       FROM usage_reservations WHERE user_id = $1`,
      [ann.id],
    );
  const noted = () => eventually(rows, ([row]) => row?.model === 'test-model');
  const expireIn = (ms: number) =>
    app.rows(
      `UPDATE usage_reservations SET expires_at = clock_timestamp() + $2 * interval '1 ms' WHERE user_id = $1`,
      [ann.id, ms],
    );

  for (const [what, headers] of Object.entries(KINDS)) {
    it(`stays as long as ${what} runs, beyond the time for which it was reserved`, async () => {
      await limitTokens(app, ann, EACH + EACH / 2);
      const { held, reader } = await begin(headers);
      await reader.until(({ text }) => text === 'half ');
      await expireIn(5 * MINUTE_MS);
      await eventually(rows, ([row]) => (row?.ms ?? 0) > 14 * MINUTE_MS);
      expect(await usage()).to.include({ tokens: 0, reserved: EACH });
      held.finish({ usage: USAGE });
      await reader.ended;
      expect(await eventually(usage, ({ reserved }) => reserved === 0)).to.include({ tokens: 12 });
    });

    it(`is written rarely while ${what} runs`, async () => {
      const { held, reader } = await begin(headers);
      await reader.until(({ text }) => text === 'half ');
      if (what === 'a call') await noted();
      const version = () =>
        app.rows('SELECT xmin, xmax FROM usage_reservations WHERE user_id = $1', [ann.id]);
      const before = await version();
      // Renewals of another call show that there were some.
      const { id } = ann;
      ann = await app.register(`busy${serial}`);
      const other = await begin(headers);
      for (let i = 0; i < 2; i++) {
        await expireIn(5 * MINUTE_MS);
        await eventually(rows, ([row]) => (row?.ms ?? 0) > 14 * MINUTE_MS);
      }
      ann = { ...ann, id };
      expect(await version()).to.deep.equal(before);
      for (const one of [held, other.held]) one.finish();
      await Promise.all([reader.ended, other.reader.ended]);
    });
  }

  it('stays one row when it grows, and ends with the call', async () => {
    await limitTokens(app, ann, 100_000);
    for (const headers of Object.values(KINDS)) {
      const { held, reader } = await begin(headers);
      held.write(...Array<string>(400).fill('some more words '));
      const grown = await eventually(rows, ([row]) => Number(row?.tokens) > EACH);
      expect(grown).to.have.length(1);
      held.finish({ usage: USAGE });
      await reader.ended;
      await eventually(rows, ({ length }) => length === 0);
    }
    expect(await usage()).to.include({ tokens: 24, reserved: 0 });
  });

  it('without a limit grows with what is known to be used when it is renewed', async () => {
    const { held, reader } = await begin();
    await noted();
    held.write(...Array<string>(100).fill('some more words '));
    await reader.until(({ text }) => text.length > 1_600);
    await expireIn(5 * MINUTE_MS);
    const grown = await eventually(rows, ([row]) => (row?.ms ?? 0) > 14 * MINUTE_MS);
    expect(Number(grown[0]?.tokens)).to.be.above(2 * EACH);
    held.finish({ usage: USAGE });
    await reader.ended;
    expect(await eventually(usage, ({ reserved }) => reserved === 0)).to.include({ tokens: 12 });
  });

  it('stays for days if its call has a row, for the node that will continue it', async () => {
    const id = await db.usage.reserve(ann.id, EACH, MINUTE_MS);
    await app.rows(
      `INSERT INTO completions (user_id, digest, request, reservation) VALUES ($1, '', '{}', $2)`,
      [ann.id, id],
    );
    await expireIn(-3 * 24 * 60 * MINUTE_MS);
    await db.usage.prune(1_000);
    expect(await rows()).to.have.length(1);
    await app.rows('DELETE FROM completions WHERE user_id = $1', [ann.id]);
    await db.usage.prune(1_000);
    expect(await rows()).to.have.length(0);
  });

  it('counts nothing, and is held no longer, if the model was not asked', async () => {
    const one = await db.usage.reserve(ann.id, EACH, MINUTE_MS);
    await db.usage.keep([{ id: one ?? 0, charge: null }]);
    expect(await rows()).to.have.nested.property('[0].model', null);
    await expireIn(-1);
    while (await db.usage.countLost());
    expect(await rows()).to.have.length(1);
    expect(await usage()).to.include({ tokens: 0, reserved: 0 });
  });

  it('is held until it is counted, once, if nobody hears of the call again', async () => {
    await limitTokens(app, ann, EACH + EACH / 2);
    const reservations = await Promise.all(
      [40, 60].map((tokens) => db.usage.reserve(ann.id, tokens, MINUTE_MS)),
    );
    const charge = { model: 'gone', cost: 0.25, currency: 'USD' };
    await db.usage.keep(
      reservations.map((one, i) => ({
        id: one ?? 0,
        charge: { ...charge, tokens: i === 0 ? 45 : 50 },
      })),
    );
    await expireIn(-1);
    expect(await usage()).to.include({ tokens: 0, reserved: 105 });
    expect(await refusal()).to.equal('insufficient_quota');
    const sweep = async () => {
      let tokens = 0;
      for (let one = await db.usage.countLost(); one; one = await db.usage.countLost())
        tokens += one.tokens;
      return tokens;
    };
    const swept = await Promise.all(Array.from({ length: 4 }, sweep));
    expect(swept.reduce((sum, tokens) => sum + tokens)).to.equal(105);
    expect(await usage()).to.include({ tokens: 105, reserved: 0 });
    const models = await app.rows(
      `SELECT model, currency, tokens::int, cost::float8 FROM usage_models WHERE user_id = $1`,
      [ann.id],
    );
    expect(models).to.deep.equal([{ model: 'gone', currency: 'USD', tokens: 105, cost: 0.5 }]);
    expect(await rows()).to.deep.equal([]);
  });

  it('that was counted ends its call, which counts nothing more', async () => {
    const { held, reader } = await begin();
    await noted();
    // Node and sweep both want it now: whoever is first decides.
    await app.rows(
      `UPDATE usage_reservations SET expires_at = clock_timestamp() - interval '1 s' WHERE user_id = $1`,
      [ann.id],
    );
    await db.usage.countLost();
    const wasCounted = (await usage()).tokens > 0;
    if (!wasCounted) held.finish({ usage: USAGE });
    await reader.ended;
    if (wasCounted) expect(reader.errorCode).to.equal('unavailable');
    expect(await usage()).to.include({ tokens: wasCounted ? EACH : 12, reserved: 0 });
  });

  it('that comes late after it was counted counts nothing more', async () => {
    const reservation = await db.usage.reserve(ann.id, EACH, 1);
    if (reservation === null) throw new Error('nothing was reserved');
    const charge = { model: 'm', tokens: 70, cost: null, currency: null };
    await db.usage.keep([{ id: reservation, charge }]);
    await expireIn(-1);
    await db.usage.countLost();
    await db.usage.settle(reservation, ann.id, charge);
    expect(await usage()).to.include({ tokens: EACH, reserved: 0 });
  });

  it('that is gone, as the newest data may be, ends its call', async () => {
    const { reader } = await begin();
    await noted();
    await app.rows('DELETE FROM usage_reservations WHERE user_id = $1', [ann.id]);
    await reader.ended;
    expect(reader.errorCode).to.equal('unavailable');
    expect(await usage()).to.include({ tokens: 0, reserved: 0 });
  });
});
