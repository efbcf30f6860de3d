import { once } from 'node:events';
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';
import { type Account, callRest } from '../../lab/people/rest.js';

const FIRST = ['Grüße ', '你好 ', '👩‍🚀 '];
const SECOND = ['再见 ', 'x'.repeat(500), ' end.'];
const WHOLE = [...FIRST, ...SECOND].join('');

/** An owner that is not told of a stop learns of it with its next renewal, after a third of the lease: 20 s. */
const TOLD_MS = 10_000;

describe('Three nodes behind a load balancer are one gateway', () => {
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;

  before(async () => {
    cluster = await startCluster({ inside: true, balancer: 'haproxy' });
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
  });

  const ask = (device: Device, content = 'go') =>
    device.ask('message:send', { client_id: 'c-1', content });

  /** Reads an answer from the wire: the log's text at the opening, then deltas without gaps. */
  const follow = async (device: Device, conversationId: number) => {
    const opened = await device.ask('conversation:open', { conversation_id: conversationId });
    const [live] = opened.live;
    if (!live) throw new Error('nothing is live');
    const { message_id: id, attempt, seq, text } = live;
    return {
      device,
      from: text,
      ended: device.ended(id),
      text: () => text + device.text(id, attempt, seq),
    };
  };

  const owner = async (messageId: number) => {
    const rows = await cluster.rows('SELECT node_id FROM generations WHERE message_id = $1', [
      messageId,
    ]);
    return rows[0]?.node_id;
  };

  it('for an answer, read live on every node, also by whoever opens it in the middle', async () => {
    const held = cluster.upstream.next();
    const asker = await cluster.device(0, ada);
    const { conversation, assistant_message: answer } = await ask(asker);
    const early = await Promise.all(
      ([1, 'balancer'] as const).map(async (where) =>
        follow(await cluster.device(where, ada), conversation.id),
      ),
    );
    held.write(...FIRST);
    for (const { device } of early)
      await device.until('message:delta', (d) => d.text.includes('👩‍🚀'));
    const late = await follow(await cluster.device(2, ada), conversation.id);
    expect(late.from).to.equal(FIRST.join(''));
    held.write(...SECOND);
    held.finish();
    const { bytes } = await asker.ended(answer.id);
    expect(asker.text(answer.id)).to.equal(WHOLE);
    expect(bytes).to.equal(Buffer.byteLength(WHOLE));
    for (const reader of [...early, late]) {
      expect(await reader.ended).to.include({ status: 'completed', attempt: 1, bytes });
      expect(reader.text()).to.equal(WHOLE);
    }
    const stored = await cluster.rows('SELECT content FROM messages WHERE id = $1', [answer.id]);
    expect(stored).to.deep.equal([{ content: WHOLE }]);
  });

  it('for a stop, pressed on one node, of an answer that another writes and a third one shows', async () => {
    const held = cluster.upstream.next();
    const [writer, presser, watcher] = await Promise.all(
      [1, 0, 2].map((node) => cluster.device(node, ada)),
    );
    if (!writer || !presser || !watcher) throw new Error('no device');
    const { conversation, assistant_message: answer } = await ask(writer);
    const { node_id } = await writer.until('server:hello');
    expect(await owner(answer.id)).to.equal(node_id);
    const readers = await Promise.all(
      [presser, watcher].map((device) => follow(device, conversation.id)),
    );
    held.write(...FIRST);
    for (const { device } of readers)
      await device.until('message:delta', (d) => d.text.includes('👩‍🚀'));
    const pressed = performance.now();
    const stopped = presser.ask('generation:stop', { message_id: answer.id });
    const ends = await Promise.all([writer, presser, watcher].map((d) => d.ended(answer.id)));
    expect(performance.now() - pressed).to.be.below(TOLD_MS);
    expect(await stopped).to.deep.equal({ status: 'stopped' });
    for (const end of ends) expect(end).to.deep.equal({ ...ends[0], status: 'stopped' });
    for (const reader of readers) expect(reader.text()).to.equal(FIRST.join(''));
    const stored = await cluster.rows('SELECT status, content FROM messages WHERE id = $1', [
      answer.id,
    ]);
    expect(stored).to.deep.equal([{ status: 'stopped', content: FIRST.join('') }]);
    await held.closed;
  });

  it('for the list of conversations, which follows on all devices of a user and on no others', async () => {
    const bob = await cluster.account(`bob${serial}`);
    const [here, there, stranger] = await Promise.all([
      cluster.device(0, ada),
      cluster.device(1, ada),
      cluster.device(1, bob),
    ]);
    const { conversation } = await here.ask('conversation:create', { title: 'one' });
    const { id } = conversation;
    await there.until('conversation:created', (e) => e.conversation.id === id);
    await callRest(`${cluster.node(2).url}/agent/conversations/${id}`, {
      method: 'PATCH',
      token: ada.token,
      body: { title: 'two' },
    });
    for (const device of [here, there]) {
      await device.until('conversation:updated', (e) => e.conversation.title === 'two');
    }
    await here.ask('conversation:delete', { conversation_id: id });
    expect(await there.until('conversation:deleted')).to.deep.equal({ conversation_id: id });
    // Bob's own event takes the same route, so other events would have come before it.
    const other = await cluster.device(0, bob);
    await other.ask('conversation:create', { title: 'of bob' });
    await stranger.until('conversation:created');
    const names = stranger.received.map(({ name }) => name);
    expect(names).to.deep.equal(['server:hello', 'conversation:created']);
  });

  it('for a logout, which ends the sockets of the session everywhere and no others', async () => {
    const login = { email: ada.email, password: ada.password };
    const second = await callRest<{ access_token: string }>(`${cluster.node(2).url}/auth/login`, {
      body: login,
    });
    const ending = await cluster.device(1, ada);
    const staying = await cluster.device(1, { ...ada, token: second.body.access_token });
    const closed = once(ending.socket as never, 'disconnect');
    const { status } = await callRest(`${cluster.node(0).url}/auth/logout`, {
      body: { refresh_token: ada.refreshToken },
    });
    expect(status).to.equal(200);
    expect(await ending.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
    await closed;
    const dead = await callRest(`${cluster.node(2).url}/users/me`, { token: ada.token });
    expect(dead.status).to.equal(401);
    expect(await staying.ask('conversation:list', {})).to.have.property('conversations');
  });

  it('for a question over REST at one node, whose answer another node streams as it comes', async () => {
    const watcher = await cluster.device(1, ada);
    const { conversation } = await watcher.ask('conversation:create', {});
    await watcher.ask('conversation:open', { conversation_id: conversation.id });
    const held = cluster.upstream.next();
    const asked = callRest<{ response: string }>(`${cluster.url}/agent/chat`, {
      token: ada.token,
      body: { message: 'go', conversation_id: conversation.id },
    });
    held.write(...FIRST);
    await watcher.until('message:delta', (d) => d.text.includes('👩‍🚀'));
    held.write(...SECOND);
    held.finish();
    expect((await asked).body.response).to.equal(WHOLE);
    const { message_id } = await watcher.until('message:completed');
    expect(watcher.text(message_id)).to.equal(WHOLE);
  });
});
