import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';
import { type Account, callRest } from '../../lab/people/rest.js';

const DEAF = 0;
const OTHER = 1;
const MANY = 200;

describe('A session that ends on another node, of which its own node hears nothing', () => {
  let cluster: Cluster;
  let root: Account;
  let ann: Account;
  let device: Device;
  let serial = 0;

  before(async () => {
    cluster = await startCluster({
      inside: true,
      nodes: 2,
      breakable: [DEAF],
      env: { LIMIT_SCALE: '100', SESSION_RECHECK_SECONDS: '60', BCRYPT_COST: '4' },
    });
    root = await cluster.account('root', OTHER);
    await cluster.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [root.id],
    );
    // Notices travel on both of these connections.
    const { redis, postgres } = cluster.node(DEAF).ways;
    redis.lose(({ text }) => /session_ended|users_changed/.test(text));
    postgres.mute(({ subscribes }) => subscribes);
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await cluster.account(`ann${serial}`, OTHER);
    device = await cluster.device(DEAF, ann);
  });

  const at = <T>(path: string, token: string, method = 'GET', body?: object) =>
    callRest<T>(cluster.node(OTHER).url + path, { method, token, ...(body && { body }) });
  const left = async () =>
    (
      await cluster.rows(
        `SELECT 1 FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
         WHERE m.user_id = $1`,
        [ann.id],
      )
    ).length;
  const deleteMany = async () => {
    const made = await cluster.rows<{ id: string }>(
      `WITH c AS (INSERT INTO conversations (title) SELECT 'many' FROM generate_series(1, $2) RETURNING id)
       INSERT INTO conversation_members (conversation_id, user_id, role)
       SELECT id, $1, 'owner' FROM c RETURNING conversation_id AS id`,
      [ann.id, MANY],
    );
    const acks = made.map(({ id }) =>
      device.emit('conversation:delete', { conversation_id: Number(id) }).then(
        (ack) => (ack.ok ? '' : ack.error.code),
        () => 'gone',
      ),
    );
    await eventually(left, (count) => count < MANY - 5);
    return acks;
  };
  const sidOf = ({ token }: Account): string => JSON.parse(atob(token.split('.')[1] ?? '')).sid;

  const WAYS: [string, string, () => Promise<{ status: number }>][] = [
    [
      'it is revoked',
      'session_revoked',
      () => at(`/users/me/sessions/${sidOf(ann)}`, ann.token, 'DELETE'),
    ],
    [
      'the account is disabled',
      'account_disabled',
      () => at(`/admin/users/${ann.id}`, root.token, 'PATCH', { is_active: false }),
    ],
    [
      'the roles are taken',
      'forbidden',
      () => at(`/admin/users/${ann.id}`, root.token, 'PATCH', { roles: [] }),
    ],
  ];
  for (const [what, code, act] of WAYS) {
    it(`reads nothing more once that was answered: ${what}`, async () => {
      await device.ask('conversation:list', {});
      expect((await act()).status).to.equal(200);
      const ack = await device.emit('conversation:list', {});
      expect(ack).to.have.nested.property('error.code', code);
    });

    it(`begins nothing more once that was answered: ${what}`, async () => {
      const acks = await deleteMany();
      expect((await act()).status).to.equal(200);
      const atAck = await left();
      expect(atAck).to.be.above(MANY / 2);
      const codes = new Set(await Promise.all(acks));
      expect([...codes]).to.include(code);
      expect(await left()).to.equal(atAck);
    });
  }
});
