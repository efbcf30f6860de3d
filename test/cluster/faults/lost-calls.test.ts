import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { type Account, callRest } from '../../../lab/people/rest.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { OpenAIProblem } from '../../../src/contract/openai.js';
import type { UsageReport } from '../../../src/contract/usage.js';
import { Retention } from '../../../src/domain/retention.js';
import { createLogger } from '../../../src/node/logger.js';
import { prunes } from '../../../src/node/prunes.js';

const RESERVE = 50;
/** Two calls of this user do not fit. */
const LIMIT = 75;
const PATH = '/v1/chat/completions';
const USAGE = { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 };

describe('What a call of /v1 holds of a quota when its node', () => {
  let cluster: Cluster;
  let sequelize: Sequelize;
  let ada: Account;
  let serial = 0;

  before(async () => {
    cluster = await startCluster({ env: { RESERVE_TOKENS: String(RESERVE) } });
    sequelize = createSequelize({ url: cluster.databaseUrl, poolMax: 4 });
    await cluster.rows(`UPDATE roles SET tokens_per_day = ${LIMIT}`);
  });
  beforeEach(async () => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
  });
  after(async () => {
    await sequelize?.close();
    await cluster?.stop();
  });

  const body = { model: 'test-model', messages: [{ role: 'user', content: 'q' }] };
  const call = (node: number) =>
    callRest<Partial<OpenAIProblem>>(cluster.node(node).url + PATH, { token: ada.token, body });
  /** Tokens of all days: usage belongs to the day on which it is charged, and a test may run across midnight. */
  const usage = async () => {
    const url = `${cluster.node(0).url}/users/me/usage`;
    const { day, days } = (await callRest<UsageReport>(url, { token: ada.token })).body;
    const tokens = days.reduce((sum, one) => sum + one.tokens, 0);
    return { tokens, reserved: day.reserved };
  };
  const noted = () =>
    eventually(
      () => cluster.rows(`SELECT FROM usage_reservations WHERE model = 'test-model'`),
      (rows) => rows.length === 1,
    );
  /** Saves waiting for a quarter of an hour. */
  const expire = () =>
    cluster.rows(`UPDATE usage_reservations SET expires_at = clock_timestamp() - interval '1 s'`);
  /** Sweeps twice at once, as two nodes may do. */
  const sweep = () => {
    const logger = createLogger({ level: 'silent', pretty: false });
    const once = () => new Retention(prunes(createDatabase(sequelize), 365), logger).run();
    return Promise.all([once(), once()]);
  };

  it('is killed counts once, and is held until then', async () => {
    const held = cluster.upstream.next();
    const lost = call(2).catch(() => null);
    await held.opened;
    await noted();
    await cluster.node(2).kill();
    expect(await lost).to.equal(null);
    await expire();
    expect(await usage()).to.include({ tokens: 0, reserved: RESERVE });
    expect((await call(0)).body.error?.code).to.equal('insufficient_quota');
    await sweep();
    expect(await usage()).to.include({ tokens: RESERVE, reserved: 0 });
    await sweep();
    expect(await usage()).to.include({ tokens: RESERVE, reserved: 0 });
    const models = await cluster.rows(
      `SELECT model, tokens::int FROM usage_models WHERE user_id = ${ada.id}`,
    );
    expect(models).to.deep.equal([{ model: 'test-model', tokens: RESERVE }]);
    await cluster.node(2).start();
  });

  it('is frozen counts once, though its end comes late', async () => {
    const held = cluster.upstream.next();
    const late = call(1);
    await held.opened;
    await noted();
    await cluster.node(1).kill('SIGSTOP');
    held.finish({ usage: USAGE });
    await expire();
    await sweep();
    expect(await usage()).to.include({ tokens: RESERVE, reserved: 0 });
    await cluster.node(1).kill('SIGCONT');
    expect((await late).status).to.be.oneOf([200, 503]);
    expect(await usage()).to.include({ tokens: RESERVE, reserved: 0 });
  });

  it('is frozen for less than that counts what was used', async () => {
    const held = cluster.upstream.next();
    const late = call(1);
    await held.opened;
    await noted();
    await cluster.node(1).kill('SIGSTOP');
    held.finish({ usage: USAGE });
    await sweep();
    expect(await usage()).to.include({ tokens: 0, reserved: RESERVE });
    await cluster.node(1).kill('SIGCONT');
    expect((await late).status).to.equal(200);
    expect(await usage()).to.include({ tokens: USAGE.total_tokens, reserved: 0 });
  });
});
