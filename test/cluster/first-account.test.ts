import { expect } from 'chai';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { forgetAccounts, newcomer } from '../../lab/people/newcomer.js';
import { callRest } from '../../lab/people/rest.js';
import type { TokenResponse } from '../../src/contract/accounts.js';
import type { Problem } from '../../src/contract/errors.js';

const PEOPLE = 30;
/** As many as come to one node: they wait for each other's rows, which is the test, but not for connections. */
const CONNECTIONS = PEOPLE / 3;

describe('The first account on three nodes', () => {
  let cluster: Cluster;

  before(async () => {
    const env = {
      ...{ BCRYPT_COST: '4', LIMIT_SCALE: '0', REGISTRATION: 'closed' },
      DB_POOL_MAX: String(CONNECTIONS),
    };
    cluster = await startCluster({ inside: true, env });
    await forgetAccounts(cluster);
  });
  after(() => cluster?.stop());

  it('is one of many that were asked for at once, and the only one', async () => {
    const asked = Array.from({ length: PEOPLE }, (_, i) =>
      callRest<TokenResponse & Problem>(`${cluster.node(i % 3).url}/auth/register`, {
        body: newcomer(`racer${i}`),
      }),
    );
    const answers = await Promise.all(asked);
    const [winner, ...more] = answers.filter(({ status }) => status === 201);
    expect(winner?.body.user.roles).to.deep.equal(['user', 'admin']);
    expect(more).to.deep.equal([]);
    const reasons = answers.flatMap(({ body }) => body.reason ?? []);
    expect(reasons).to.deep.equal(Array(PEOPLE - 1).fill('registration_closed'));
    expect(await cluster.rows('SELECT FROM users')).to.have.length(1);
  });
});
