import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { type Account, callRest } from '../../../lab/people/rest.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';

/** Offsets of the nodes' clocks. */
const OFF_MS = [0, -300_000, 30_000];
const SHIM = new URL('../../../lab/stores/wrong-clock.mjs', import.meta.url).pathname;
const PAIRS = OFF_MS.flatMap((_, a) =>
  OFF_MS.flatMap((_, b) => (a === b ? [] : [[a, b] as const])),
);
/** A node checks every second whose token has expired. */
const SWEEP_MS = 1_500;

describe('Three nodes, one whose clock is 5 minutes slow and one whose is 30 s fast,', function () {
  this.timeout(180_000);
  let cluster: Cluster;
  let ada: Account;

  before(async () => {
    cluster = await startCluster();
    for (const [i, offMs] of OFF_MS.entries()) {
      const env = { NODE_OPTIONS: `--import=${SHIM}`, CLOCK_OFF_MS: String(offMs) };
      if (offMs !== 0) await cluster.node(i).restart(env);
    }
    ada = await cluster.account('ada', 1);
  });
  after(() => cluster?.stop());

  const refresh = async (refresh_token: string, at: number) => {
    const url = `${cluster.node(at).url}/auth/refresh`;
    const { status, body } = await callRest<TokenResponse>(url, { body: { refresh_token } });
    expect(status).to.equal(200);
    return { access: body.access_token ?? '', refresh: body.refresh_token ?? '', body };
  };

  const use = async (token: string, at: number) =>
    (await callRest(`${cluster.node(at).url}/users/me`, { token })).status;

  it('take the refreshes of two tabs for what they are, and each other’s tokens at once', async () => {
    for (const [first, second] of PAIRS) {
      const turned = await refresh(ada.refreshToken, first);
      expect(await use(turned.access, second)).to.equal(200);
      const other = await refresh(ada.refreshToken, second);
      expect(other.refresh).to.equal(turned.refresh);
      expect(other.body.expires_in).to.equal(900);
      expect(await use(other.access, first)).to.equal(200);
      ada = { ...ada, token: other.access, refreshToken: other.refresh };
    }
  });

  it('neither warn nor end a socket early, and know each other for alive', async () => {
    const devices = await Promise.all(OFF_MS.map((_, at) => cluster.device(at, ada)));
    await sleep(SWEEP_MS);
    for (const device of devices) {
      const { expires_at } = await device.ask('session:renew', { token: ada.token });
      expect(Date.parse(expires_at) - Date.now()).to.be.within(600_000, 901_000);
      expect(device.all('session:expiring')).to.deep.equal([]);
    }
    const [row] = await cluster.rows<{ beats: number }>(
      `SELECT count(*)::int AS beats FROM nodes WHERE beat_at BETWEEN now() - interval '12 seconds' AND now()`,
    );
    expect(row?.beats).to.equal(OFF_MS.length);
  });
});
