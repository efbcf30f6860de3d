import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import type { Account } from '../../../lab/people/rest.js';
import type { UsageReport } from '../../../src/contract/usage.js';

const RESERVE = 50;

describe('What an answer holds of a quota when its node is killed', () => {
  let cluster: Cluster;
  let ada: Account;

  before(async () => {
    cluster = await startCluster({ env: { RESERVE_TOKENS: String(RESERVE), LEASE_SECONDS: '10' } });
    ada = await cluster.account('ada');
    await cluster.rows(`UPDATE roles SET tokens_per_day = 1000`);
  });
  after(() => cluster?.stop());

  /** Tokens of all days: usage belongs to the day on which it is charged, and a test may run across midnight. */
  const usage = async () => {
    const headers = { authorization: `Bearer ${ada.token}` };
    const response = await fetch(`${cluster.node(0).url}/users/me/usage`, { headers });
    const { day, days } = (await response.json()) as UsageReport;
    const tokens = days.reduce((sum, one) => sum + one.tokens, 0);
    return { tokens, reserved: day.reserved };
  };

  it('stays until another node has ended it, and is charged once', async () => {
    const first = cluster.upstream.next();
    const second = cluster.upstream.next();
    const device = await cluster.device(2, ada);
    const sent = await device.ask('message:send', { client_id: 'taken', content: 'q' });
    await first.opened;
    first.write('half of it');
    await device.until('message:delta');
    await cluster.node(2).kill();
    expect(await usage()).to.include({ tokens: 0, reserved: RESERVE });
    await cluster.expireLeases();
    await second.opened;
    expect(await usage()).to.include({ tokens: 0, reserved: RESERVE });
    second.finish({ usage: { prompt_tokens: 8, completion_tokens: 25, total_tokens: 33 } });
    const { tokens } = await eventually(usage, ({ reserved }) => reserved === 0);
    const rows = await cluster.rows<{ attempt: number; status: string; tokens: number }>(
      `SELECT attempt, status, (usage ->> 'total_tokens')::int AS tokens FROM messages WHERE id = ${sent.assistant_message.id}`,
    );
    expect(rows).to.deep.equal([{ status: 'completed', tokens, attempt: 2 }]);
  });
});
