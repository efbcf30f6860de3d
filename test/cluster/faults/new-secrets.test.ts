import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { type Answer, callRest } from '../../../lab/people/rest.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import type { Problem } from '../../../src/contract/errors.js';

type Refreshed = Answer<Partial<TokenResponse & Problem>>;

describe('New secrets on two nodes, one restart after the other', () => {
  const OLD = { SECRET_KEY: 'old-access', REFRESH_SECRET_KEY: 'old-refresh' };
  const NEW = { SECRET_KEY: 'new-access', REFRESH_SECRET_KEY: 'new-refresh' };
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ nodes: 2, env: { ...OLD, LIMIT_SCALE: '0' } });
  });
  after(() => cluster?.stop());

  const both = (first: typeof OLD, second: typeof OLD) => ({
    SECRET_KEY: `${first.SECRET_KEY},${second.SECRET_KEY}`,
    REFRESH_SECRET_KEY: `${first.REFRESH_SECRET_KEY},${second.REFRESH_SECRET_KEY}`,
  });
  const statuses = (token: string) =>
    Promise.all(
      cluster.nodes.map(async ({ url }) => (await callRest(`${url}/users/me`, { token })).status),
    );
  const refreshAt = (node: number, refresh_token: string): Promise<Refreshed> =>
    callRest(`${cluster.node(node).url}/auth/refresh`, { body: { refresh_token } });

  it('log nobody out, and what a removed one has signed is refused', async () => {
    const idle = await cluster.account('idle');
    const held = await cluster.account('held', 1);
    let refreshToken = held.refreshToken;
    for (const env of [both(OLD, NEW), both(NEW, OLD)]) {
      for (const node of [0, 1]) {
        await cluster.node(node).restart(env);
        for (const each of [0, 1]) {
          const { status, body } = await refreshAt(each, refreshToken);
          expect(status).to.equal(200);
          expect(await statuses(body.access_token ?? '')).to.deep.equal([200, 200]);
          refreshToken = body.refresh_token ?? '';
        }
        expect(await statuses(idle.token)).to.deep.equal([200, 200]);
      }
    }
    await Promise.all(cluster.nodes.map((node) => node.restart(NEW)));
    expect(await statuses(idle.token)).to.deep.equal([401, 401]);
    expect((await refreshAt(0, idle.refreshToken)).body.code).to.equal('token_invalid');
    expect((await refreshAt(1, refreshToken)).status).to.equal(200);
  });
});
