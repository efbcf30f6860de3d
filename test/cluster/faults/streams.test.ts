import { expect } from 'chai';
import { ask } from '../../../lab/models/asked.js';
import { Storyteller } from '../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../lab/nodes/cluster.js';
import type { Account } from '../../../lab/people/rest.js';
import { SseReader } from '../../../lab/people/sse-reader.js';
import { streamAnswer } from '../../../src/client/index.js';

describe('A stream of server-sent events, when nodes come and go,', () => {
  let cluster: Cluster;
  let ada: Account;
  const readers: SseReader[] = [];

  before(async () => {
    cluster = await startCluster({
      balancer: 'haproxy',
      env: { ...PRODUCT_TIMES, DRAIN_SECONDS: '2' },
    });
    ada = await cluster.account('ada');
  });
  after(async () => {
    for (const reader of readers) reader.close();
    await cluster?.stop();
  });

  const tell = () =>
    new Storyteller(cluster.upstream, { everyMs: 50, pieces: () => Number.POSITIVE_INFINITY });
  const read = async (url: string, id: number, from = '') => {
    const headers = from === '' ? {} : { 'last-event-id': from };
    const path = `${url}/agent/messages/${id}/stream`;
    const reader = await SseReader.open(path, ada.token, { headers });
    readers.push(reader);
    return reader;
  };
  const hasMuch = ({ text }: SseReader) => text.length > 20;
  /** The text that a program of the SDK shows in the end, and how often it began again. */
  const shown = async (id: number) => {
    const options = { url: cluster.url, token: () => ada.token, timeoutMs: 60_000 };
    const last = { text: '', resets: 0, status: '' };
    for await (const { event, data } of streamAnswer(options, id)) {
      if (event === 'delta') last.text += data.text;
      if (event === 'reset') Object.assign(last, { text: '', resets: last.resets + 1 });
      if (event === 'completed') last.status = data.status;
    }
    return last;
  };
  const ofSecond = ({ events }: SseReader) => events.some(({ id }) => id.startsWith('2-9'));

  it('begins again with the attempt that follows a killed owner, and ends with its text', async () => {
    const teller = tell();
    const { id } = await ask(await cluster.device(0, ada), 'killed');
    const [lost, kept] = [await read(cluster.node(0).url, id), await read(cluster.node(1).url, id)];
    // The balancer gives one of them to the node that is lost.
    const programs = Promise.all([shown(id), shown(id), shown(id)]);
    await Promise.all([lost.until(hasMuch), kept.until(hasMuch)]);
    await cluster.node(0).kill();
    await lost.ended;
    expect(lost.all('completed')).to.deep.equal([]);
    const moved = await read(cluster.url, id, lost.lastId);
    await Promise.all([kept.until(ofSecond), moved.until(ofSecond)]);
    teller.end();
    for (const reader of [kept, moved]) {
      await reader.ended;
      expect(reader.all('reset')).to.deep.equal([{ attempt: 2 }]);
      expect(reader.text).to.equal(teller.text('killed', 2));
      expect(reader.all('completed')[0]).to.include({ status: 'completed', attempt: 2 });
    }
    for (const { text, resets, status } of await programs) {
      expect(text).to.equal(teller.text('killed', 2));
      expect(status).to.equal('completed');
      expect(resets).to.be.at.most(1);
    }
    await cluster.node(0).start();
  });

  it('goes on elsewhere, without a gap, when its node drains', async () => {
    const teller = tell();
    const { id } = await ask(await cluster.device(1, ada), 'drained');
    const first = await read(cluster.node(0).url, id);
    await first.until(hasMuch);
    const stopped = cluster.node(0).stop();
    await first.ended;
    expect(first.all('completed')).to.deep.equal([]);
    const second = await read(cluster.url, id, first.lastId);
    const before = first.text;
    await second.until(({ text }) => text.length > 0);
    teller.end();
    await second.ended;
    expect(second.all('reset')).to.deep.equal([]);
    expect(before + second.text).to.equal(teller.text('drained', 1));
    expect(await stopped).to.equal(0);
    await cluster.node(0).start();
  });
});
