import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';
import { Reader } from '../../lab/people/reader.js';
import { type Account, callRest } from '../../lab/people/rest.js';
import type { ChatResponse } from '../../src/contract/rest.js';

const FIRST = ['Grüße ', '你好 ', '👩‍🚀 '];
const SECOND = ['再见 ', 'x'.repeat(500), ' end.'];
/** Time for an answer that ends within a drain, on a machine that may be busy. */
const DRAIN_SECONDS = 5;
const WHOLE = [...FIRST, ...SECOND].join('');

describe('When a node of three is lost', () => {
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;
  const readers: Reader[] = [];

  before(async () => {
    cluster = await startCluster({
      balancer: 'haproxy',
      env: { DRAIN_SECONDS: '1', LEASE_SECONDS: '10' },
    });
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  const ask = async (device: Device, clientId = 'c-1') => {
    const sent = await device.ask('message:send', { client_id: clientId, content: 'go' });
    return { id: sent.assistant_message.id, conversationId: sent.conversation.id };
  };

  const reader = (url: string) => {
    const made = new Reader(url, ada);
    readers.push(made);
    return made;
  };

  const stored = (ids: number[]) =>
    cluster.rows(
      'SELECT id::int, status, attempt, content FROM messages WHERE id = ANY($1) ORDER BY id',
      [ids],
    );

  /** The node that a reader is connected to. */
  const nodeOf = async ({ nodeId }: Reader) => {
    const devices = await Promise.all([0, 1, 2].map((node) => cluster.device(node, ada)));
    const ids = await Promise.all(devices.map((device) => device.until('server:hello')));
    return ids.findIndex(({ node_id }) => node_id === nodeId);
  };

  it('its readers go on at another one, without a gap and without a duplicate', async () => {
    const held = cluster.upstream.next();
    const asker = await cluster.device(0, ada);
    const { id, conversationId } = await ask(asker);
    held.write(...FIRST);
    // A reader on a node other than the owner's.
    const candidates = [reader(cluster.url), reader(cluster.url), reader(cluster.url)];
    for (const each of candidates) {
      await each.sees(conversationId, ({ content }) => content === FIRST.join(''));
    }
    const places = await Promise.all(candidates.map(nodeOf));
    const index = places.findIndex((place) => place > 0);
    const [lost, moved] = [places[index] ?? -1, candidates[index]];
    const before = moved?.nodeId;
    await cluster.node(lost).kill();
    held.write(...SECOND);
    await moved?.sees(conversationId, ({ content }) => content === WHOLE);
    held.finish();
    for (const each of candidates) expect(await each.reads(conversationId)).to.equal(WHOLE);
    expect(moved?.nodeId).to.not.equal(before);
    expect(await stored([id])).to.deep.equal([
      { id, status: 'completed', attempt: 1, content: WHOLE },
    ]);
    await cluster.node(lost).start();
  });

  it('the answers that it wrote are begun again by another one, and all see that one text', async () => {
    cluster.upstream.next().write('what the first attempt', ' had said');
    const again = cluster.upstream.next();
    const { id, conversationId } = await ask(await cluster.device(0, ada));
    const others = [reader(cluster.node(1).url), reader(cluster.node(2).url), reader(cluster.url)];
    for (const each of others) {
      await each.sees(conversationId, ({ content }) => content.endsWith('had said'));
    }
    const wire = await cluster.device(1, ada);
    await wire.ask('conversation:open', { conversation_id: conversationId });
    await cluster.node(0).kill();
    await cluster.expireLeases();
    await again.opened;
    again.write(...FIRST);
    for (const each of others) {
      await each.sees(conversationId, ({ content }) => content === FIRST.join(''));
    }
    again.write(...SECOND);
    again.finish();
    expect(await wire.ended(id)).to.include({ status: 'completed', attempt: 2 });
    expect(wire.text(id, 2)).to.equal(WHOLE);
    for (const each of others) expect(await each.reads(conversationId)).to.equal(WHOLE);
    expect(await stored([id])).to.deep.equal([
      { id, status: 'completed', attempt: 2, content: WHOLE },
    ]);
    await cluster.node(0).start();
  });

  it('a REST call that waits at another node gets the text of the attempt that was begun again', async () => {
    cluster.upstream.next().write('in vain');
    const again = cluster.upstream.next();
    const { id, conversationId } = await ask(await cluster.device(0, ada), 'once');
    const wire = await cluster.device(1, ada);
    await wire.ask('conversation:open', { conversation_id: conversationId });
    await wire.until('message:delta', (delta) => delta.message_id === id);
    const waiting = callRest<ChatResponse>(`${cluster.node(1).url}/agent/chat`, {
      token: ada.token,
      body: { message: 'go', client_id: 'once' },
    });
    await cluster.node(0).kill();
    await cluster.expireLeases();
    await again.opened;
    again.write(...FIRST, ...SECOND);
    again.finish();
    const { status, body } = await waiting;
    expect(status).to.equal(200);
    expect(body).to.include({ message_id: id, status: 'completed', response: WHOLE });
    await cluster.node(0).start();
  });

  it('by SIGTERM, it tells its sockets, ends what it can in time and hands back the rest', async () => {
    const node = cluster.node(2);
    await node.restart({ DRAIN_SECONDS: String(DRAIN_SECONDS) });
    const [quick, slow] = [cluster.upstream.next(), cluster.upstream.next()];
    const device = await cluster.device(2, ada);
    const first = await ask(device, 'c-1');
    await quick.opened;
    const second = await ask(device, 'c-2');
    quick.write(...FIRST);
    slow.write('what would have taken too long');
    await device.until('message:delta', (d) => d.message_id === second.id);
    const watcher = reader(cluster.url);
    await watcher.sees(first.conversationId, ({ content }) => content === FIRST.join(''));
    cluster.upstream.otherwise(answer(['from ', 'another node']));
    const stopped = node.stop();
    expect(await device.until('server:draining')).to.deep.equal({
      reconnect_within_ms: DRAIN_SECONDS * 1_000,
    });
    quick.write(...SECOND);
    quick.finish();
    expect(await stopped).to.equal(0);
    const { node_id } = await device.until('server:hello');
    const left = await cluster.rows('SELECT id FROM generations WHERE node_id = $1', [node_id]);
    expect(left).to.deep.equal([]);
    expect(await watcher.reads(first.conversationId)).to.equal(WHOLE);
    expect(await watcher.reads(second.conversationId)).to.equal('from another node');
    expect(await stored([first.id, second.id])).to.deep.equal([
      { id: first.id, status: 'completed', attempt: 1, content: WHOLE },
      { id: second.id, status: 'completed', attempt: 2, content: 'from another node' },
    ]);
    await node.start();
  });

  it('by an administrator at another node, it hands its answers over and ends with exit code 0', async () => {
    await cluster.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [ada.id],
    );
    const held = cluster.upstream.next();
    const device = await cluster.device(0, ada);
    const { id } = await ask(device);
    await held.opened;
    cluster.upstream.otherwise(answer(['from ', 'another node']));
    const { node_id } = await device.until('server:hello');
    const post = (nodeId: string) =>
      callRest<{ message: string }>(`${cluster.node(1).url}/admin/nodes/${nodeId}/drain`, {
        token: ada.token,
        body: {},
      });
    expect(await post(node_id)).to.deep.include({
      status: 202,
      body: { message: 'Node will drain' },
    });
    expect(await device.until('server:draining')).to.deep.equal({ reconnect_within_ms: 1_000 });
    expect(await cluster.node(0).ended()).to.equal(0);
    const rows = await eventually(
      () => stored([id]),
      ([row]) => row?.status === 'completed',
    );
    expect(rows).to.deep.equal([
      { id, status: 'completed', attempt: 2, content: 'from another node' },
    ]);
    expect((await post(node_id)).status).to.equal(404);
    await cluster.node(0).start();
  });
});
