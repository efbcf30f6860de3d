import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import type { Device } from '../../../lab/people/device.js';
import type { Account } from '../../../lab/people/rest.js';

/** Answers to every kind of request, on nodes that are killed while they write them. */
describe('When the owner of an answer that was asked for again is killed', () => {
  let cluster: Cluster;
  let ada: Account;
  let asker: Device;
  let reader: Device;
  let keys = 0;
  const key = () => `key-${keys++}`;

  before(async () => {
    cluster = await startCluster({ nodes: 2, env: { LEASE_SECONDS: '10' } });
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    ada = await cluster.account(`ada${keys}`);
    [asker, reader] = await Promise.all([cluster.device(0, ada), cluster.device(1, ada)]);
  });
  afterEach(async () => {
    await cluster.node(0).start();
  });

  /** An answer that was stopped at `text`. */
  const stopped = async (text: string) => {
    const held = cluster.upstream.next();
    const sent = await asker.ask('message:send', { client_id: key(), content: 'go' });
    const { id } = sent.assistant_message;
    await reader.ask('conversation:open', { conversation_id: sent.conversation.id });
    await held.opened;
    held.write(text);
    await asker.until('message:delta', (delta) => delta.message_id === id);
    await asker.ask('generation:stop', { message_id: id });
    return { id, question: sent.user_message.id, conversationId: sent.conversation.id };
  };
  /** Kills the owner in the middle. The other node finishes the answer. */
  const killed = async (id: number, first: Promise<void>, rest: () => void) => {
    await first;
    await cluster.node(0).kill();
    await cluster.expireLeases();
    rest();
    return reader.until(
      'message:completed',
      (end) => end.message_id === id && end.status === 'completed',
    );
  };
  const stored = async (id: number) =>
    (await cluster.rows('SELECT status, content, attempt FROM messages WHERE id = $1', [id]))[0];

  it('that goes on, its text is whole, each part once', async () => {
    const { id } = await stopped('Grüße 👩‍🚀, ');
    const [lost, last] = [cluster.upstream.next(), cluster.upstream.next()];
    await asker.ask('message:continue', { message_id: id, client_id: key() });
    await lost.opened;
    lost.write('lost');
    const begun = reader.until('message:delta', (d) => d.message_id === id && d.text === 'lost');
    const end = await killed(
      id,
      begun.then(() => {}),
      () => {
        last.write('你好.');
        last.finish();
      },
    );
    expect(end).to.include({ attempt: 3 });
    expect(reader.text(id, 3)).to.equal('Grüße 👩‍🚀, 你好.');
    expect(await stored(id)).to.deep.equal({
      status: 'completed',
      content: 'Grüße 👩‍🚀, 你好.',
      attempt: 3,
    });
  });

  for (const [name, ask] of [
    ['edited', 'message:edit'],
    ['regenerated', 'message:regenerate'],
  ] as const) {
    it(`that was ${name}, it is whole`, async () => {
      const { id, question } = await stopped('old');
      const [lost, last] = [cluster.upstream.next(), cluster.upstream.next()];
      const again =
        ask === 'message:edit'
          ? asker.ask(ask, { message_id: question, client_id: key(), content: 'new' })
          : asker.ask(ask, { message_id: id, client_id: key() });
      const { assistant_message } = await again;
      await lost.opened;
      lost.write('lost');
      const begun = reader.until('message:delta', (d) => d.message_id === assistant_message.id);
      const end = await killed(
        assistant_message.id,
        begun.then(() => {}),
        () => {
          last.write('whole');
          last.finish();
        },
      );
      expect(end).to.include({ attempt: 2 });
      expect(reader.text(assistant_message.id, 2)).to.equal('whole');
      expect(await stored(assistant_message.id)).to.include({ content: 'whole' });
    });
  }
});
