import { expect } from 'chai';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { NodeWatch } from '../../lab/nodes/node-watch.js';
import type { Device } from '../../lab/people/device.js';
import type { Account } from '../../lab/people/rest.js';

describe('When a model ends while its node reaches neither Redis nor Postgres', () => {
  let cluster: Cluster;
  let ada: Account;

  before(async () => {
    cluster = await startCluster({ nodes: 2, inside: true, breakable: [0] });
    ada = await cluster.account('ada', 1);
  });
  after(() => cluster?.stop());

  /** Asks the first node, with a reader at the second one. */
  const ask = async () => {
    const held = cluster.upstream.next();
    const [device, reader] = await Promise.all([cluster.device(0, ada), cluster.device(1, ada)]);
    const { assistant_message, conversation } = await device.ask('message:send', {
      client_id: 'c-1',
      content: 'go',
    });
    const opened = { conversation_id: conversation.id };
    await reader.ask('conversation:open', opened);
    return { held, device, reader, id: assistant_message.id, opened };
  };
  const hears = (device: Device, text: string) =>
    device.until('message:delta', (delta) => delta.text.includes(text));

  it('readers at other nodes, who lack its last text, are told to read what is stored', async () => {
    const { held, device, reader, id, opened } = await ask();
    const { ways } = cluster.node(0);
    const watch = new NodeWatch(cluster.node(0));
    held.write('first ');
    await hears(reader, 'first ');
    ways.redis.cut();
    await watch.logs('redis away');
    held.write('second');
    await hears(device, 'second');
    ways.postgres.cut();
    held.finish();
    await watch.logs('database away, will try again');
    ways.redis.heal();
    await watch.logs('redis back');
    // The events that are owed for the outage come before the text is stored.
    await reader.until('server:resync');
    ways.postgres.heal();
    const end = await reader.ended(id);
    expect(end).to.include({ status: 'completed', seq: 2 });
    const isAfter = () => {
      const names = reader.received.map(({ name }) => name);
      return names.lastIndexOf('server:resync') > names.lastIndexOf('message:completed');
    };
    await reader.until('server:resync', isAfter);
    const { messages } = await reader.ask('conversation:open', opened);
    expect(messages.at(-1)).to.include({ id, status: 'completed', content: 'first second' });
  });
});
