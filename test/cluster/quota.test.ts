import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer, type HeldAnswer } from '../../lab/models/scripted-upstream.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';
import type { Account } from '../../lab/people/rest.js';
import type { ErrorCode } from '../../src/contract/errors.js';
import type { Ack, AckData } from '../../src/contract/events.js';
import type { UsageReport } from '../../src/contract/usage.js';

type SendAck = Ack<AckData<'message:send'>>;

const NODES = 3;
const RESERVE = 50;
/** Room for this many estimates, and a rest that is smaller than one. */
const FITS = 20;
const LIMIT = FITS * RESERVE + 30;
/** Usage belongs to the day on which it is charged, in UTC. A test may run across midnight. */
const tokensOf = ({ days }: UsageReport) => days.reduce((sum, { tokens }) => sum + tokens, 0);
const usage = (total: number) => ({
  usage: { prompt_tokens: 8, completion_tokens: total - 8, total_tokens: total },
});

describe('A quota on several nodes', () => {
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;

  before(async () => {
    cluster = await startCluster({
      inside: true,
      nodes: NODES,
      env: {
        ...{ RESERVE_TOKENS: String(RESERVE), LIMIT_SCALE: '0', GENERATIONS_PER_USER: '100' },
        // Answers are held while a hundred questions arrive, on a machine that may be busy.
        ...{ PROVIDER_FIRST_CHUNK_TIMEOUT_MS: '600000', PROVIDER_IDLE_TIMEOUT_MS: '600000' },
      },
    });
  });
  after(() => cluster?.stop());

  const limited = async (limit: number) => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
    await cluster.rows(`UPDATE roles SET tokens_per_day = ${limit}`);
  };
  const report = async (node = 0) => {
    const headers = { authorization: `Bearer ${ada.token}` };
    const response = await fetch(`${cluster.node(node).url}/users/me/usage`, { headers });
    return (await response.json()) as UsageReport;
  };
  const settled = () => eventually(report, ({ day }) => day.reserved === 0);

  /** Repeats what a busy machine did not get to in time, as every client does. */
  const send = async (device: Device | undefined, n: number): Promise<SendAck | undefined> => {
    const ack = await device?.emit('message:send', { client_id: `n${n}`, content: `q ${n}` });
    return ack && !ack.ok && ack.error.code === 'unavailable' ? send(device, n) : ack;
  };

  /** Sends from all nodes at once. Returns the codes of refusals, and the accepted answers. */
  const sendFromEverywhere = async (count = 2 * FITS) => {
    const nodes = Array.from({ length: NODES }, (_, node) => cluster.device(node, ada));
    const devices = await Promise.all(nodes);
    const acks = await Promise.all(
      Array.from({ length: count }, (_, n) => send(devices[n % NODES], n)),
    );
    const refusals = new Set<ErrorCode>();
    const accepted: number[] = [];
    for (const ack of acks) {
      if (ack?.ok) accepted.push(ack.data.assistant_message?.id ?? 0);
      else if (ack) refusals.add(ack.error.code);
    }
    return { refusals: [...refusals], accepted };
  };

  it('lets exactly as many of a hundred parallel questions in as fit, and stores no others', async () => {
    await limited(LIMIT);
    const held: HeldAnswer[] = Array.from({ length: FITS }, () => cluster.upstream.next());
    const { refusals, accepted } = await sendFromEverywhere(100);
    expect(accepted).to.have.length(FITS);
    expect(refusals).to.deep.equal(['quota_exceeded']);
    const [stored] = await cluster.rows<{ count: string }>(
      `SELECT count(*) FROM messages WHERE author_id = ${ada.id}`,
    );
    expect(Number(stored?.count)).to.equal(FITS);
    const { day } = await report(1);
    expect(day).to.deep.equal({ tokens: 0, reserved: FITS * RESERVE, limit: LIMIT, cost: null });
    for (const one of held) one.finish(usage(RESERVE));
    expect(tokensOf(await settled())).to.equal(FITS * RESERVE);
  });

  it('is passed by less than an answer, whatever answers use of what they reserved', async () => {
    await limited(LIMIT);
    cluster.upstream.otherwise(answer('Hello there.', usage(40)));
    const { accepted } = await sendFromEverywhere();
    expect(accepted.length).to.be.at.least(FITS);
    const used = await settled();
    expect(tokensOf(used)).to.equal(40 * accepted.length);
    for (const { tokens } of used.days) expect(tokens).to.be.at.most(LIMIT + 40);
    expect(used.by_model.map(({ tokens }) => tokens)).to.deep.equal([used.month.tokens]);
  });

  it('ends all answers that want more than is left, near the limit', async () => {
    await limited(LIMIT);
    const held: HeldAnswer[] = Array.from({ length: FITS }, () => cluster.upstream.next());
    const { accepted } = await sendFromEverywhere();
    expect(accepted).to.have.length(FITS);
    for (const one of held) for (let i = 0; i < 150; i++) one.write(' word');
    const used = tokensOf(await settled());
    const ends = await cluster.rows<{ finish_reason: string; status: string; tokens: number }>(
      `SELECT finish_reason, status, (usage ->> 'total_tokens')::int AS tokens FROM messages
       WHERE id = ANY('{${accepted}}')`,
    );
    expect(new Set(ends.map(({ finish_reason }) => finish_reason))).to.deep.equal(
      new Set(['quota']),
    );
    expect(ends.reduce((sum, { tokens }) => sum + tokens, 0)).to.equal(used);
    // Written text arrives at once, so each answer has at most its own 150 words.
    for (const { tokens } of ends) expect(tokens).to.be.within(RESERVE - 8, 170);
  });
});
