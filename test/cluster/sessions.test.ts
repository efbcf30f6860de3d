import { request } from 'node:http';
import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { type Account, type Answer, callRest } from '../../lab/people/rest.js';
import type { TokenResponse } from '../../src/contract/accounts.js';
import type { Problem } from '../../src/contract/errors.js';

type Refreshed = Answer<Partial<TokenResponse & Problem>>;

const NODES = [0, 1, 2];

describe('A session on three nodes', () => {
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;

  before(async () => {
    cluster = await startCluster({ inside: true, env: { LIMIT_SCALE: '0' } });
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
  });

  const at = (node: number, path: string) => `${cluster.node(node).url}${path}`;
  const refreshOnce = (node: number, refresh_token: string): Promise<Refreshed> =>
    callRest(at(node, '/auth/refresh'), { body: { refresh_token } });
  /** A node that has no connection to the database in time says so, and the caller tries again. */
  const refresh = (node: number, token: string): Promise<Refreshed> =>
    eventually(
      () => refreshOnce(node, token),
      ({ status }) => status !== 503,
    );
  const refreshed = async (node: number, token: string): Promise<string> =>
    (await refresh(node, token)).body.refresh_token ?? '';
  const meAt = (token: string) =>
    Promise.all(NODES.map((node) => callRest<Problem>(at(node, '/users/me'), { token })));
  const turns = async () => {
    const rows = await cluster.rows<{ gen: number }>(
      'SELECT gen FROM sessions WHERE user_id = $1',
      [ada.id],
    );
    return rows[0]?.gen;
  };

  it('turns once for refreshes of one token on all nodes at once, and all get one successor', async () => {
    let token = ada.refreshToken;
    for (const round of [1, 2]) {
      const answers = await Promise.all(
        Array.from({ length: 18 }, (_, i) => refresh(i % NODES.length, token)),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(18).fill(200));
      const successors = new Set(answers.map(({ body }) => body.refresh_token));
      expect(successors.size).to.equal(1);
      expect(await turns()).to.equal(round);
      for (const { body } of answers.slice(0, NODES.length)) {
        const seen = await meAt(body.access_token ?? '');
        expect(seen.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
      }
      token = [...successors][0] ?? '';
    }
  });

  it('ends on every node when a token that was used up comes to any of them', async () => {
    const devices = await Promise.all(NODES.map((node) => cluster.device(node, ada)));
    const second = await refreshed(0, ada.refreshToken);
    const third = await refresh(1, second);
    const stolen = await refresh(2, ada.refreshToken);
    expect([stolen.status, stolen.body.code]).to.deep.equal([401, 'refresh_reused']);
    for (const device of devices) {
      expect(await device.until('session:ended')).to.deep.equal({ code: 'refresh_reused' });
    }
    const { access_token = '', refresh_token = '' } = third.body;
    const dead = await meAt(access_token);
    expect(dead.map(({ body }) => body.code)).to.deep.equal(Array(3).fill('session_revoked'));
    for (const token of [ada.refreshToken, second, refresh_token]) {
      expect((await refresh(1, token)).body.code).to.equal('session_revoked');
    }
  });

  it('is dead afterwards, whoever of thief and owner comes first', async () => {
    const second = await refreshed(0, ada.refreshToken);
    const third = await refreshed(1, second);
    const both = NODES.flatMap((node) => [refresh(node, ada.refreshToken), refresh(node, third)]);
    const codes = (await Promise.all(both)).map(({ body }) => body.code ?? 'none');
    expect(codes.filter((code) => code === 'refresh_reused')).to.have.length(1);
    expect(codes.filter((code, i) => code === 'none' && i % 2 === 0)).to.deep.equal([]);
    const [row] = await cluster.rows('SELECT revoked_at FROM sessions WHERE user_id = $1', [
      ada.id,
    ]);
    expect(row?.revoked_at).to.not.equal(null);
  });

  /** Sends a refresh and hangs up without reading the reply. Resolves when the session has been rotated. */
  const loseReply = async (node: number, refresh_token: string, gen: number) => {
    const call = request(at(node, '/auth/refresh'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    call.on('error', () => {});
    call.end(JSON.stringify({ refresh_token }));
    await eventually(turns, (value) => value === gen);
    call.destroy();
  };

  it('goes on after a lost reply, on another node, as often as that happens', async () => {
    await loseReply(0, ada.refreshToken, 1);
    const second = await refreshed(1, ada.refreshToken);
    expect(await refreshed(2, ada.refreshToken)).to.equal(second);
    expect(await turns()).to.equal(1);
    await loseReply(2, second, 2);
    const third = await refresh(0, second);
    expect(third.status).to.equal(200);
    expect((await refresh(1, third.body.refresh_token ?? '')).status).to.equal(200);
    expect(await turns()).to.equal(3);
  });
});
