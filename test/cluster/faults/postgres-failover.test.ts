import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { LiveAnswer } from '../../../lab/models/live-answer.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { SteadyModel } from '../../../lab/models/steady-model.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { untilAll } from '../../../lab/nodes/readiness.js';
import { type Account, callRest } from '../../../lab/people/rest.js';
import type { OwnPostgres, Standby } from '../../../lab/stores/own-postgres.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';

const SOON_MS = 15_000;
/** No number that was given out before a failover comes near this. */
const FAR = 1_000_000;

describe('Two nodes whose Postgres goes back in time', function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let standby: Standby | null;
  let serial = 0;
  const answers: LiveAnswer[] = [];

  beforeEach(async () => {
    const env = { LEASE_SECONDS: '3', REDIS_COMMAND_TIMEOUT_MS: '5000' };
    cluster = await startCluster({ nodes: 2, breakable: [0, 1], ownPostgres: true, env });
    standby = null;
  });
  afterEach(async () => {
    for (const answer of answers.splice(0)) answer.close();
    await standby?.stop();
    await cluster?.stop();
  });

  const account = () => {
    serial += 1;
    return cluster.account(`person${serial}`);
  };

  const begin = async (who: Account, at: number) => {
    const answer = await LiveAnswer.begin(cluster, who, { at });
    answers.push(answer);
    return answer;
  };

  const refresh = async (token: string) =>
    callRest<TokenResponse>(`${cluster.node(0).url}/auth/refresh`, {
      body: { refresh_token: token },
    });

  /** Keeps all later writes from the standby. */
  const fallBehind = async () => {
    standby = await cluster.postgres.standby();
    await standby.catchUp();
    await standby.stop();
    return standby;
  };

  const lead = (to: number, nodes = cluster.nodes) => {
    for (const { ways } of nodes) {
      ways.postgres.cut();
      ways.postgres.lead(to);
      ways.postgres.heal();
    }
  };

  const promote = async (server: Standby) => {
    await server.start();
    await server.promote();
    lead(server.port);
  };

  const portOf = ({ url }: OwnPostgres) => Number(new URL(url).port);

  it('because a standby that lagged is promoted: no id comes again, nobody is in a room that was lost, what runs goes on', async () => {
    const [ada, bob] = [await account(), await account()];
    const [device, others] = [await cluster.device(0, ada), await cluster.device(1, bob)];
    const lasting = await begin(ada, 0);
    const server = await fallBehind();
    new SteadyModel(cluster.upstream);
    const send = { client_id: randomUUID(), content: 'this will be lost' };
    const lost = await device.ask('message:send', send);
    await device.until('message:delta', (d) => d.message_id === lost.assistant_message.id);
    const first = await refresh(ada.refreshToken);
    expect(first.status).to.equal(200);
    await cluster.postgres.stop();
    await promote(server);
    await untilAll(cluster.nodes, 'ready');
    await device.until('server:resync', ({ conversation_ids }) => conversation_ids === undefined);

    cluster.upstream.otherwise(answer('Hi Bob.'));
    const seen = device.received.length;
    const private_ = await others.ask('message:send', {
      client_id: randomUUID(),
      content: 'secret',
    });
    await others.ended(private_.assistant_message.id);
    for (const [before, now] of [
      [lost.conversation.id, private_.conversation.id],
      [lost.user_message.id, private_.user_message.id],
    ] as const) {
      expect(now).to.be.above(before + FAR);
    }
    const again = await device.ask('message:send', send);
    expect(again.user_message.id).to.be.above(lost.user_message.id + FAR);
    const leaked = device.received
      .slice(seen)
      .filter(
        ({ payload }) =>
          'conversation_id' in payload && payload.conversation_id === private_.conversation.id,
      );
    expect(leaked).to.deep.equal([]);
    const gone = await device.emit('conversation:open', { conversation_id: lost.conversation.id });
    expect(gone.ok ? 'there' : gone.error.code).to.equal('not_found');

    const turned = await refresh(first.body.refresh_token ?? '');
    expect(turned.status).to.equal(200);
    expect((await refresh(turned.body.refresh_token ?? '')).status).to.equal(200);
    const requests = cluster.upstream.requests.length;
    const { count } = lasting.model;
    await lasting.isSeen(({ content }) => SteadyModel.countIn(content) > count);
    const text = lasting.model.end();
    await lasting.isSeen(({ status, content }) => status === 'completed' && content === text);
    expect(cluster.upstream.requests.length).to.equal(requests);
  });

  it('because a claim was lost: its number does not come again, and readers end with the text of one run', async () => {
    const ada = await account();
    const running = await begin(ada, 1);
    const server = await fallBehind();
    await cluster.node(1).kill();
    const second = new SteadyModel(cluster.upstream);
    const device = await cluster.device(0, ada);
    await device.ask('conversation:open', { conversation_id: running.conversationId });
    await device.until('message:delta', ({ attempt }) => attempt === 2);
    const third = new SteadyModel(cluster.upstream);
    await cluster.postgres.stop();
    await promote(server);
    await cluster.node(0).process.waitForLog(({ msg }) => msg === 'lease lost, attempt dropped');
    second.stop();
    await device.until('server:resync', ({ conversation_ids }) => conversation_ids === undefined);
    await device.ask('conversation:open', { conversation_id: running.conversationId });
    await device.until('message:delta', ({ attempt }) => attempt > 1_000);
    const text = third.end();
    const end = await device.ended(running.id);
    expect(end).to.include({ status: 'completed', bytes: Buffer.byteLength(text) });
    const page = await device.ask('conversation:open', { conversation_id: running.conversationId });
    expect(page.messages.at(-1)).to.include({ content: text });
  });

  it('because the old primary is still up: no node goes back to it while the new one answers', async () => {
    const ada = await account();
    const server = await fallBehind();
    const old = portOf(cluster.postgres);
    await promote(server);
    await untilAll(cluster.nodes, 'ready');
    const device = await cluster.device(1, ada);
    const [zero] = cluster.nodes;
    if (!zero) throw new Error('no node');
    lead(old, [zero]);
    await zero.process.waitForLog(({ msg }) => msg === 'connection to an older Postgres refused');
    await untilAll([zero], 'unready');
    lead(server.port, [zero]);
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(SOON_MS);
    const made = await device.ask('conversation:create', {});
    expect(made.conversation.id).to.be.above(FAR);
  });

  /** Resolves when a node knows how much WAL has been written: each looks once a second. */
  const untilLookedAt = async () => {
    const [now] = await cluster.rows<{ at: Date }>('SELECT clock_timestamp() AS at');
    const looks = () =>
      cluster.rows(
        `SELECT FROM pg_stat_activity WHERE query LIKE '%"isStandby"%' AND query_start > $1 AND state LIKE 'idle%'
           AND pid <> pg_backend_pid()`,
        [now?.at],
      );
    await eventually(looks, ({ length }) => length > 0);
  };

  it('because a snapshot of the same server is restored: no id comes again', async () => {
    const ada = await account();
    const device = await cluster.device(0, ada);
    await cluster.postgres.stop();
    const restore = await cluster.postgres.snapshot();
    await cluster.postgres.start();
    await untilAll(cluster.nodes, 'ready');
    const lost = await device.ask('conversation:create', {});
    const { place } =
      (await cluster.rows<{ place: string }>('SELECT place FROM deployment'))[0] ?? {};
    await untilLookedAt();
    await cluster.postgres.stop();
    await restore();
    await cluster.postgres.start();
    await untilAll(cluster.nodes, 'ready');
    await device.until('server:resync', ({ conversation_ids }) => conversation_ids === undefined);
    expect(await cluster.rows('SELECT place, history FROM deployment')).to.deep.equal([
      { place, history: 1 },
    ]);
    const made = await device.ask('conversation:create', {});
    expect(made.conversation.id).to.be.above(lost.conversation.id + FAR);
  });
});
