import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { BusyModel } from '../../lab/models/busy-model.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';

const PER_USER = 2;

describe('Nodes that compete for work', () => {
  let cluster: Cluster;
  let devices: Device[];
  let serial = 0;

  before(async () => {
    cluster = await startCluster({ inside: true, env: { GENERATIONS_PER_USER: String(PER_USER) } });
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    const ada = await cluster.account(`ada${serial}`);
    devices = await Promise.all([0, 1, 2].map((node) => cluster.device(node, ada)));
    cluster.upstream.requests.length = 0;
  });

  /** The same from all nodes at once, `times` each. */
  const fromEverywhere = <T>(times: number, act: (device: Device, n: number) => Promise<T>) =>
    Promise.all(
      Array.from({ length: times * devices.length }, (_, n) => {
        const device = devices[n % devices.length];
        if (!device) throw new Error('no device');
        return act(device, n);
      }),
    );

  const running = async () =>
    (await cluster.rows(`SELECT id FROM generations WHERE state = 'running'`)).length;

  it('never run more answers of one user than GENERATIONS_PER_USER, and leave none waiting', async () => {
    const model = new BusyModel(cluster.upstream);
    const sent = await fromEverywhere(3, (device, n) =>
      device.ask('message:send', { client_id: `c-${n}`, content: `question ${n}` }),
    );
    await cluster.upstream.request(PER_USER);
    for (let n = 0; n < sent.length; n++) {
      await cluster.upstream.request(Math.min(n + PER_USER, sent.length));
      expect(await running()).to.be.at.most(PER_USER);
      await model.finish(n + 1);
    }
    const ids = sent.map(({ assistant_message }) => assistant_message.id);
    await eventually(
      () =>
        cluster.rows(`SELECT id FROM messages WHERE id = ANY($1) AND status = 'completed'`, [ids]),
      (done) => done.length === ids.length,
    );
    expect(model.mostAtOnce).to.equal(PER_USER);
    expect(cluster.upstream.requests.length).to.equal(sent.length);
  });

  it('answer one question of a conversation after another, each with the answers before it', async () => {
    const [device] = devices;
    if (!device) throw new Error('no device');
    const { conversation } = await device.ask('conversation:create', {});
    const model = new BusyModel(cluster.upstream);
    const sent = await fromEverywhere(2, (sender, n) =>
      sender.ask('message:send', {
        conversation_id: conversation.id,
        client_id: `c-${n}`,
        content: `question ${n}`,
      }),
    );
    const inOrder = sent.toSorted((a, b) => a.assistant_message.id - b.assistant_message.id);
    const expected: string[] = [];
    for (const [n, { user_message, assistant_message }] of inOrder.entries()) {
      const { body } = await model.finish(n + 1);
      expected.push(user_message.content);
      expect(body.messages.slice(1).map(({ content }) => content)).to.deep.equal(expected);
      expected.push(`answer ${n + 1}`);
      const asker = devices[sent.findIndex((s) => s.user_message.id === user_message.id) % 3];
      expect(await asker?.ended(assistant_message.id)).to.include({ status: 'completed' });
    }
    expect(model.mostAtOnce).to.equal(1);
  });

  it('tell a waiting answer its place among all of its user, and each step up, to readers on all nodes', async () => {
    const model = new BusyModel(cluster.upstream);
    const [here, , there] = devices;
    if (!here || !there) throw new Error('no device');
    const ask = async (n: number) => {
      const payload = { client_id: `p-${n}`, content: `question ${n}` };
      return (await here.ask('message:send', payload)).assistant_message;
    };
    for (let n = 0; n < PER_USER; n++) await ask(n);
    await cluster.upstream.request(PER_USER);
    const [first, second] = [await ask(10), await ask(11)];
    for (const [index, { id, conversation_id }] of [first, second].entries()) {
      const { live } = await there.ask('conversation:open', { conversation_id });
      expect(live.map((l) => [l.message_id, l.status, l.position])).to.deep.equal([
        [id, 'queued', index + 1],
      ]);
    }
    await model.finish(1);
    for (const device of [here, there]) {
      const up = await device.until(
        'message:status',
        (s) => s.message_id === second.id && s.position === 1,
      );
      expect(up).to.include({ status: 'queued', attempt: 0 });
    }
    for (let n = 2; n <= PER_USER + 2; n++) await model.finish(n);
    await there.ended(second.id);
  });

  it('take the same client_id, sent to all of them at once, for one question', async () => {
    // The answer stays open until every node has acknowledged: later calls get the text in the ack instead.
    const held = cluster.upstream.next();
    const sent = await fromEverywhere(2, (device) =>
      device.ask('message:send', { client_id: 'the-same', content: 'go' }),
    );
    held.write('the only answer');
    held.finish();
    const ids = new Set(sent.map(({ assistant_message }) => assistant_message.id));
    expect(ids.size).to.equal(1);
    const [id = 0] = ids;
    const ends = await Promise.all(devices.map((device) => device.ended(id)));
    for (const end of ends) expect(end).to.deep.equal(ends[0]);
    const stored = await cluster.rows(
      `SELECT role, content FROM messages WHERE conversation_id = $1 ORDER BY id`,
      [sent[0]?.conversation.id],
    );
    expect(stored).to.deep.equal([
      { role: 'user', content: 'go' },
      { role: 'assistant', content: 'the only answer' },
    ]);
    expect(cluster.upstream.requests.length).to.equal(1);
  });
});
