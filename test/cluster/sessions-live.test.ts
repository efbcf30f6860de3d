import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';
import { withKey } from '../../lab/people/keys.js';
import { type Account, callRest } from '../../lab/people/rest.js';
import type { ErrorCode } from '../../src/contract/errors.js';

/** Without a notice, a node would learn of a change when it rechecks its sessions, after up to a minute. */
const SESSION_RECHECK_SECONDS = '60';
const SOON_MS = 20_000;
const NODES = [0, 1, 2];

interface Tokens {
  access_token: string;
  refresh_token: string;
}

describe('Sockets on three nodes follow sessions, accounts and roles', () => {
  let cluster: Cluster;
  let root: Account;
  let ann: Account;
  let devices: Device[];
  let serial = 0;

  before(async () => {
    const env = { LIMIT_SCALE: '0', SESSION_RECHECK_SECONDS, BCRYPT_COST: '4' };
    cluster = await startCluster({ inside: true, breakable: [2], env });
    root = await cluster.account('root');
    await cluster.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [root.id],
    );
  });
  after(() => cluster?.stop());

  beforeEach(async () => {
    serial += 1;
    ann = await cluster.account(`ann${serial}`, serial % 3);
    devices = await Promise.all(NODES.map((node) => cluster.device(node, ann)));
  });

  const ask = <T>(method: string, path: string, by: Account, body?: unknown, at = 0) =>
    callRest<T>(cluster.node(at).url + path, {
      method,
      token: by.token,
      ...(body !== undefined && { body }),
    });
  const change = (body: object, at = 0) => ask('PATCH', `/admin/users/${ann.id}`, root, body, at);
  const login = async () =>
    (await callRest<Tokens>(`${cluster.node(1).url}/auth/login`, { body: { ...ann } })).body;

  /** All sockets are notified this soon after the change, and closed. */
  const expectEnded = async (code: ErrorCode, act: () => Promise<{ status: number }>) => {
    const ends = Promise.all(
      devices.map(async (device) => {
        const { code } = await device.until('session:ended');
        return { code, at: performance.now() };
      }),
    );
    const { status } = await act();
    const acted = performance.now();
    expect(status).to.equal(200);
    for (const end of await ends) {
      expect(end.code).to.equal(code);
      expect(end.at - acted).to.be.below(SOON_MS);
    }
    await eventually(
      () => devices.map(({ socket }) => socket.connected),
      (connected) => !connected.includes(true),
    );
  };

  const works = async (device: Device) => (await device.emit('conversation:list', {})).ok;
  const expectAll = async (wanted: boolean, from = devices) => {
    const acted = performance.now();
    await eventually(
      () => Promise.all(from.map(works)),
      (all) => all.every((ok) => ok === wanted),
    );
    expect(performance.now() - acted).to.be.below(SOON_MS);
  };

  const WAYS: [string, ErrorCode, () => Promise<{ status: number }>][] = [
    [
      'a logout',
      'session_revoked',
      () =>
        callRest(`${cluster.node(0).url}/auth/logout`, {
          body: { refresh_token: ann.refreshToken },
        }),
    ],
    [
      'a logout by another device',
      'session_revoked',
      async () => {
        const other = await login();
        return ask('DELETE', '/users/me/sessions', { ...ann, token: other.access_token });
      },
    ],
    [
      'a change of the password on another device',
      'session_revoked',
      async () => {
        const other = await login();
        return ask(
          'POST',
          '/users/me/password',
          { ...ann, token: other.access_token },
          { current_password: ann.password, new_password: 'Quite another 9' },
        );
      },
    ],
    ['disabling', 'account_disabled', () => change({ is_active: false })],
    ['the end of the account', 'session_revoked', () => ask('DELETE', '/users/me', ann)],
  ];

  const itFollowsAll = () => {
    for (const [what, code, act] of WAYS) {
      it(`${what} at once`, () => expectEnded(code, act));
    }

    it('the revocation of a key at once, whatever it may read', async () => {
      const keys = await Promise.all([
        withKey(cluster.node(0).url, ann),
        withKey(cluster.node(0).url, ann, ['chat']),
      ]);
      for (const [i, key] of keys.entries()) {
        devices = await Promise.all(NODES.map((node) => cluster.device(node, key)));
        await expectEnded('key_revoked', () =>
          ask('DELETE', `/users/me/keys/${key.keyId}`, ann, undefined, i),
        );
      }
    });

    it('roles that are taken and given at once, without being closed', async () => {
      expect((await change({ roles: [] })).status).to.equal(200);
      await expectAll(false);
      expect((await change({ roles: ['user'] }, 1)).status).to.equal(200);
      await expectAll(true);
      expect(devices.every(({ socket }) => socket.connected)).to.equal(true);
    });
  };

  describe('with Redis:', itFollowsAll);

  describe('while one node is cut off from Redis:', () => {
    before(() => cluster.node(2).ways.redis.cut());
    after(() => cluster.node(2).ways.redis.heal());

    itFollowsAll();
  });

  describe('while Redis is away:', () => {
    before(() => cluster.redis.kill());
    after(() => cluster.redis.start());

    itFollowsAll();
  });

  describe('after one node was cut off from Redis and Postgres,', () => {
    const ways = () => Object.values(cluster.node(2).ways);
    const isolate = () => {
      for (const way of ways()) way.cut();
    };
    const heal = () => {
      for (const way of ways()) way.heal();
    };
    afterEach(heal);

    it('it makes up for what it was not told as soon as it is back', async () => {
      const [here, , there] = devices;
      isolate();
      const bob = await cluster.account(`bob${serial}`);
      expect((await change({ is_active: false })).status).to.equal(200);
      await here?.until('session:ended');
      expect(there?.all('session:ended')).to.deep.equal([]);
      heal();
      const back = performance.now();
      expect(await there?.until('session:ended')).to.deep.equal({ code: 'account_disabled' });
      expect(performance.now() - back).to.be.below(SOON_MS);
      await eventually(
        () => cluster.device(2, bob).then(works, () => false),
        (ok) => ok,
      );
    });
  });
});
