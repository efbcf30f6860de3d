import { once } from 'node:events';
import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Balancer, type BalancerKind, startBalancer } from '../../lab/nodes/balancer.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { type Device, openDevice } from '../../lab/people/device.js';
import { Reader } from '../../lab/people/reader.js';
import { type Account, callRest } from '../../lab/people/rest.js';
import { SseReader } from '../../lab/people/sse-reader.js';
import { readText } from '../support/markdown.js';
import { defaultOf } from '../support/settings.js';

const FILES = { haproxy: 'deploy/haproxy.cfg', nginx: 'deploy/nginx.conf' };

/**
 * Each file states in these places how long a socket may be silent, and how long a call may wait for an answer, in
 * seconds.
 */
const TIMEOUTS = {
  haproxy: [/timeout tunnel (\d+)s/, /timeout server (\d+)s/],
  nginx: [
    /location \/socket\.io\/ {[^}]*proxy_read_timeout (\d+)s/,
    /location \/agent\/ {[^}]*proxy_read_timeout (\d+)s/,
  ],
};

const POLL = '/socket.io/?EIO=4&transport=polling';

describe('The shipped configuration', () => {
  let cluster: Cluster;
  let ada: Account;
  let ids: string[];
  let url: string;
  const devices: Device[] = [];
  const readers: Reader[] = [];
  const balancers = new Map<BalancerKind, Balancer>();

  const open = async (to: string, transports = ['websocket']) => {
    const device = await openDevice(to, { token: ada.token, transports });
    devices.push(device);
    return device;
  };

  const reader = (to: string) => {
    const made = new Reader(to, ada);
    readers.push(made);
    return made;
  };

  const on = (index: number) => (each: Reader) => each.nodeId === ids[index];

  /** Index of the node that a device is connected to. */
  const nodeOf = async (device: Device) =>
    ids.indexOf((await device.until('server:hello')).node_id);

  const nodesOf = (opened: Device[]) => Promise.all(opened.map(nodeOf));

  const openMany = (count: number, transports?: string[]) =>
    Promise.all(Array.from({ length: count }, () => open(url, transports)));

  const learnIds = async () => {
    const direct = await Promise.all(cluster.nodes.map((node) => open(node.url)));
    ids = await Promise.all(direct.map(async (d) => (await d.until('server:hello')).node_id));
  };

  before(async () => {
    cluster = await startCluster({
      breakable: [1],
      env: { DRAIN_SECONDS: '1', LIMIT_SCALE: '0' },
    });
    const hosts = cluster.nodes.map(({ host }) => host);
    for (const kind of ['haproxy', 'nginx'] as const) {
      balancers.set(kind, await startBalancer(kind, hosts));
    }
    ada = await cluster.account('ada');
    cluster.upstream.otherwise(answer(['Grüße ', '你好']));
  });
  after(async () => {
    for (const balancer of balancers.values()) await balancer.stop();
    await cluster?.stop();
  });
  beforeEach(learnIds);
  afterEach(() => {
    for (const each of readers.splice(0)) each.close();
    for (const device of devices.splice(0)) device.close();
  });

  for (const kind of ['haproxy', 'nginx'] as const) {
    describe(`for ${kind}`, () => {
      before(() => {
        url = balancers.get(kind)?.url ?? '';
      });

      it('spreads sockets over the nodes', async () => {
        const nodes = await nodesOf(await openMany(9));
        expect(new Set(nodes)).to.deep.equal(new Set([0, 1, 2]));
      });

      it('carries an answer over websocket, polling, and the way from one to the other', async () => {
        for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
          const device = await open(url, transports);
          await eventually(
            () => device.socket.io.engine.transport.name,
            (name) => name === transports.at(-1),
          );
          const client_id = `${kind}-${transports.join('-')}`;
          const sent = await device.ask('message:send', { client_id, content: 'go' });
          await device.ended(sent.assistant_message.id);
          expect(device.text(sent.assistant_message.id)).to.equal('Grüße 你好');
        }
      });

      it('carries server-sent events one by one, uncompressed', async () => {
        const held = cluster.upstream.next();
        const asked = { body: { message: 'go' }, headers: { 'accept-encoding': 'gzip, br' } };
        const stream = await SseReader.open(`${url}/agent/chat`, ada.token, asked);
        held.write('before ');
        await stream.until(({ text }) => text === 'before ');
        held.write('after');
        held.finish();
        await stream.ended;
        expect(stream.text).to.equal('before after');
        expect(stream.all('completed')).to.have.length(1);
        expect(stream.response.headers.get('content-encoding')).to.equal(null);
      });

      it('carries a completion with 20 MB of images, and its events one by one', async () => {
        const held = cluster.upstream.next();
        const image = { type: 'image_url', image_url: { url: 'A'.repeat(20_000_000) } };
        const messages = [{ role: 'user', content: [image] }];
        const { model } = cluster.upstream.requests.at(-1)?.body ?? { model: 'test-model' };
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model, messages, stream: true }),
        });
        expect(response.status).to.equal(200);
        expect((await held.opened).body.messages).to.deep.equal(messages);
        const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
        let text = '';
        const until = async (part: string) => {
          while (!text.includes(part)) text += (await reader?.read())?.value ?? '';
        };
        held.write('before ');
        await until('before ');
        held.write('after');
        held.finish();
        await until('[DONE]');
        expect(text).to.include('after');
      });

      it('keeps a polling client on its node by cookie', async () => {
        const opened = await fetch(url + POLL);
        const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
        expect(cookie).to.match(/^parley_node=./);
        const { sid } = JSON.parse((await opened.text()).slice(1));
        const connect = () =>
          fetch(`${url}${POLL}&sid=${sid}`, { method: 'POST', body: '40', headers: { cookie } });
        expect((await connect()).status).to.equal(200);
      });

      it('waits longer than the pings of a socket are apart, and than the longest answer takes', async () => {
        const { ping } = await (await open(url)).until('server:hello');
        const file = await readText(FILES[kind]);
        const [socket = 0, chat = 0] = TIMEOUTS[kind].map((at) => Number(at.exec(file)?.[1]));
        expect(socket * 1_000).to.be.above(ping.interval_ms + ping.timeout_ms);
        expect(chat * 1_000).to.be.above(Number(defaultOf('PROVIDER_TOTAL_TIMEOUT_MS')));
      });

      it('names the client, whatever the client itself claims', async () => {
        const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'evil.example' };
        const { body } = await callRest<{ access_token: string }>(`${url}/auth/login`, {
          body: { email: ada.email, password: ada.password },
          headers: { ...headers, 'user-agent': `told-by-${kind}` },
        });
        const rows = await cluster.rows('SELECT ip FROM sessions WHERE user_agent = $1', [
          `told-by-${kind}`,
        ]);
        expect(rows).to.deep.equal([{ ip: '127.0.0.1' }]);
        const forged = await callRest(`${url}/agent/conversations`, {
          body: {},
          headers: {
            ...headers,
            cookie: `access_token=${body.access_token}`,
            origin: 'http://evil.example',
          },
        });
        expect(forged.body).to.include({ code: 'origin_not_allowed' });
      });

      it('takes new sockets past a node that drains, from the first moment, and requests past one that is gone', async () => {
        const node = cluster.node(0);
        const { process } = node;
        const staying = await open(node.url);
        const stopped = node.stop();
        await staying.until('server:draining');
        const arrived = await nodesOf([
          ...(await openMany(6)),
          ...(await openMany(3, ['polling', 'websocket'])),
        ]);
        expect(arrived).to.not.include(0);
        expect(await stopped).to.equal(0);
        expect((await process.exit).signal).to.equal(null);
        const asked = await Promise.all(
          Array.from({ length: 6 }, () => callRest(`${url}/users/me`, { token: ada.token })),
        );
        expect(asked.map(({ status }) => status)).to.deep.equal(Array(6).fill(200));
        await node.start();
      });

      it('takes the clients of a killed node to another one in mid-answer', async () => {
        const held = cluster.upstream.next();
        const asker = await open(cluster.node(1).url);
        const client_id = `killed-${kind}`;
        const sent = await asker.ask('message:send', { client_id, content: 'go' });
        const id = sent.conversation.id;
        held.write('before ');
        const readers = Array.from({ length: 6 }, () => reader(url));
        for (const each of readers) await each.sees(id, ({ content }) => content === 'before ');
        // Any node except the writer's.
        const lost = ids.findIndex((_, i) => i !== 1 && readers.some(on(i)));
        const moved = readers.filter(on(lost));
        await cluster.node(lost).kill();
        held.write('after');
        for (const each of readers)
          await each.sees(id, ({ content }) => content === 'before after');
        held.finish();
        for (const each of readers) expect(await each.reads(id)).to.equal('before after');
        expect(moved.filter(on(lost))).to.deep.equal([]);
        await cluster.node(lost).start();
      });
    });
  }

  describe('for haproxy', () => {
    before(() => {
      url = balancers.get('haproxy')?.url ?? '';
    });

    const onNode = async (index: number) => {
      for (;;) {
        const device = await open(url);
        if ((await nodeOf(device)) === index) return device;
      }
    };

    it('sends nothing new to a node that is not ready, and leaves it the sockets that it has', async () => {
      const deaf = cluster.node(1);
      const staying = await onNode(1);
      deaf.ways.redis.cut();
      await eventually(
        async () => (await fetch(`${deaf.url}/health/ready`)).status,
        (status) => status === 503,
      );
      await eventually(
        async () => nodesOf(await openMany(6)),
        (nodes) => !nodes.includes(1),
      );
      expect(await staying.ask('conversation:list', {})).to.have.property('conversations');
      deaf.ways.redis.heal();
      await eventually(
        async () => nodesOf(await openMany(3)),
        (nodes) => nodes.includes(1),
      );
      expect(staying.socket.connected).to.equal(true);
    });

    it('closes the sockets of a frozen node, so that their clients go elsewhere', async () => {
      const frozen = await onNode(2);
      const closed = once(frozen.socket as never, 'disconnect');
      await cluster.node(2).kill('SIGSTOP');
      await closed;
      expect(await nodesOf(await openMany(3))).to.not.include(2);
      await cluster.node(2).kill('SIGCONT');
    });
  });
});
