import { once } from 'node:events';
import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../lab/nodes/cluster.js';
import { Screen } from '../../lab/people/screen.js';
import type { Published } from '../../lab/stores/tcp-proxy.js';

const WITHIN_MS = 10_000;
const OF_ROOMS = ['created', 'delta', 'status', 'completed'].map((name) => `message:${name}`);
const OF_LISTS = ['created', 'updated', 'deleted'].map((name) => `conversation:${name}`);

describe('When a message between two nodes is lost', () => {
  let cluster: Cluster;
  const screens: Screen[] = [];

  before(async () => {
    cluster = await startCluster({ nodes: 2, breakable: [0, 1], env: PRODUCT_TIMES });
    cluster.upstream.otherwise(answer(['Grüße ', '你好 ', '👩‍🚀 ', 'end.']));
  });
  after(() => cluster?.stop());
  afterEach(() => {
    for (const node of cluster.nodes) node.ways.redis.heal();
    for (const screen of screens.splice(0)) screen.close();
  });

  const open = async (name: string) => {
    const screen = await Screen.open(cluster, name);
    screens.push(screen);
    return screen;
  };
  /** Loses messages to the second node that concern a screen and contain the name. */
  const lose = (losses: [screen: Screen, name: string][]) => {
    const isOf = ({ channel, text }: Published, { conversationId, account }: Screen) =>
      text.includes(`"conversation_id":${conversationId},`) ||
      channel.endsWith(`:{${conversationId}}`) ||
      channel.endsWith(`#user:${account.id}#`);
    cluster.node(1).ways.redis.lose((message) => {
      return losses.some(([screen, name]) => message.text.includes(name) && isOf(message, screen));
    });
  };

  /** Causes all kinds of events of a conversation and of a list, from the first node. */
  const useAll = async (screen: Screen) => {
    const other = await screen.rest('/agent/conversations', 'POST', { title: 'other' });
    const old = await screen.rest('/agent/conversations', 'POST', { title: 'old' });
    const { assistant_message } = await screen.ask();
    await screen.device.ended(assistant_message.id);
    await screen.rest(`/agent/conversations/${other.body.id}`, 'PATCH', { title: 'renamed' });
    await screen.rest(`/agent/conversations/${old.body.id}`, 'DELETE');
  };

  it('of any kind, all screens are exact within ten seconds, and those that lost nothing are left alone', async () => {
    const names = [...OF_ROOMS, ...OF_LISTS, '"p":', 'conversation:'];
    const losses = await Promise.all(
      names.map(async (name, i): Promise<[Screen, string]> => [await open(`lossy${i}`), name]),
    );
    const whole = await open('whole');
    lose(losses);
    const all = [...losses.map(([screen]) => screen), whole];
    await Promise.all(all.map(useAll));
    await Promise.all(all.map((screen) => screen.isExact(WITHIN_MS)));
    expect(whole.wire.all('server:resync')).to.deep.equal([]);
    for (const [screen, name] of losses) {
      expect(screen.wire.all('server:resync').length, name).to.be.below(6);
    }
  });

  it('that has text of a model which is silent after it, the text is shown within ten seconds', async () => {
    const screen = await open('silent');
    const held = cluster.upstream.next();
    const { assistant_message } = await screen.ask();
    held.write('one ');
    await screen.reader.sees(screen.conversationId, ({ content }) => content === 'one ');
    lose([[screen, 'message:delta']]);
    held.write('two');
    await screen.device.until('message:delta', ({ text }) => text.includes('two'));
    await screen.reader.sees(
      screen.conversationId,
      ({ content }) => content === 'one two',
      WITHIN_MS,
    );
    held.finish();
    await screen.device.ended(assistant_message.id);
    await screen.isExact(WITHIN_MS);
  });

  it('that ends a session or stops an answer, it is done within ten seconds', async () => {
    const [ending, stopping] = [await open('ending'), await open('stopping')];
    for (const node of cluster.nodes) {
      node.ways.redis.lose(({ text }) => /session_ended|"stop"|"work"/.test(text));
    }
    const closed = once(ending.wire.socket as never, 'disconnect');
    const from = performance.now();
    await ending.rest(`/auth/logout?refresh_token=${ending.account.refreshToken}`, 'POST');
    await closed;
    cluster.upstream.next().write('never ');
    const { assistant_message } = await stopping.ask();
    await stopping.device.until('message:delta');
    await stopping.wire.ask('generation:stop', { message_id: assistant_message.id });
    await stopping.isExact(WITHIN_MS);
    expect(performance.now() - from).to.be.below(2 * WITHIN_MS);
  });

  it('because the sending node alone is cut off, lists and rooms elsewhere are exact, also while it is', async () => {
    const screen = await open('cut');
    cluster.node(0).ways.redis.cut();
    await useAll(screen);
    await screen.isExact(WITHIN_MS);
    cluster.node(0).ways.redis.heal();
    const logs = cluster.node(0).process;
    await logs.waitForLog(({ msg }) => msg === 'redis back');
    await eventually(
      async () => {
        const { id } = (await screen.rest('/agent/conversations', 'POST', { title: 'after' })).body;
        return screen.wire.all('conversation:created').some((e) => e.conversation.id === id);
      },
      (told) => told,
    );
    await screen.isExact(WITHIN_MS);
  });
});
