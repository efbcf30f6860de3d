import { expect } from 'chai';
import { Storyteller } from '../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../lab/nodes/cluster.js';
import { ChunkReader } from '../../../lab/people/chunk-reader.js';
import type { Account } from '../../../lab/people/rest.js';

describe('A durable completion, when nodes come and go,', () => {
  let cluster: Cluster;
  let ada: Account;
  const readers: ChunkReader[] = [];

  before(async () => {
    cluster = await startCluster({ env: { ...PRODUCT_TIMES, DRAIN_SECONDS: '2' } });
    ada = await cluster.account('ada');
  });
  after(async () => {
    for (const reader of readers) reader.close();
    await cluster?.stop();
  });

  const tell = () =>
    new Storyteller(cluster.upstream, { everyMs: 50, pieces: () => Number.POSITIVE_INFINITY });
  const read = async (node: number, title: string, from = '') => {
    const reader = await ChunkReader.open(
      `${cluster.node(node).url}/v1/chat/completions`,
      ada.token,
      {
        headers: { 'idempotency-key': title, ...(from !== '' && { 'last-event-id': from }) },
        body: { model: 'test-model', stream: true, messages: [{ role: 'user', content: title }] },
      },
    );
    readers.push(reader);
    return reader;
  };
  const hasMuch = ({ text }: ChunkReader) => text.length > 20;
  const charged = async () => {
    const sql = 'SELECT coalesce(sum(tokens), 0) AS tokens FROM usage_days WHERE user_id = $1';
    return Number((await cluster.rows<{ tokens: string }>(sql, [ada.id]))[0]?.tokens);
  };

  it('goes on without the killed node that ran it, and is charged once', async () => {
    const teller = tell();
    const before = await charged();
    const [lost, kept] = [await read(0, 'killed'), await read(1, 'killed')];
    await Promise.all([lost.until(hasMuch), kept.until(hasMuch)]);
    await cluster.node(0).kill();
    await lost.ended;
    expect(lost.isDone).to.equal(false);
    await kept.ended;
    expect(kept.errorCode).to.equal('restarted');
    expect(teller.text('killed', 1)).to.include(kept.text);
    const [whole, late] = [await read(1, 'killed'), await read(2, 'killed', kept.lastId)];
    await Promise.all([whole.until(hasMuch), late.until(hasMuch)]);
    teller.end();
    for (const reader of [whole, late]) {
      await reader.ended;
      expect(reader.isDone).to.equal(true);
      expect(reader.text).to.equal(teller.text('killed', 2));
      expect(reader.chunks.map(({ id }) => id)).to.deep.equal(
        reader.chunks.map((_, i) => `2-${i + 1}`),
      );
    }
    expect(teller.tellings('killed')).to.equal(2);
    expect((await charged()) - before).to.equal(12);
    await cluster.node(0).start();
  });

  it('goes to another node when its node drains', async () => {
    const teller = tell();
    const first = await read(1, 'drained');
    const other = await read(2, 'drained');
    await Promise.all([first.until(hasMuch), other.until(hasMuch)]);
    const stopped = cluster.node(1).stop();
    await other.ended;
    expect(other.errorCode).to.equal('restarted');
    const moved = await read(0, 'drained', other.lastId);
    await moved.until(hasMuch);
    // A claim whose lease ran out would have cost a try.
    const rows = await cluster.rows<{ attempt: number; tries: number }>(
      `SELECT attempt, tries FROM completions WHERE idempotency_key = 'drained'`,
    );
    expect(rows).to.deep.equal([{ attempt: 2, tries: 1 }]);
    expect(await stopped).to.equal(0);
    teller.end();
    await moved.ended;
    expect(moved.text).to.equal(teller.text('drained', 2));
    expect(moved.isDone).to.equal(true);
    await cluster.node(1).start();
  });

  it('loses no chunk while Redis is away', async () => {
    const teller = tell();
    const [own, other] = [await read(0, 'away'), await read(1, 'away')];
    await Promise.all([own.until(hasMuch), other.until(hasMuch)]);
    await cluster.redis.kill();
    const seen = own.text.length;
    await own.until(({ text }) => text.length > seen + 40);
    await cluster.redis.start();
    const late = await read(2, 'away');
    await late.until(({ text }) => text.length > seen + 80);
    teller.end();
    for (const reader of [own, other, late]) {
      await reader.ended;
      expect(reader.text).to.equal(teller.text('away', 1));
      expect(reader.isDone).to.equal(true);
      expect(new Set(reader.chunks.map(({ id }) => id)).size).to.equal(reader.chunks.length);
    }
  });
});
