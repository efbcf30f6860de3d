import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { SteadyAnswer } from '../../../lab/models/steady-answer.js';
import { IMPATIENT, type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import { startRedisFailover, type TestFailover } from '../../../lab/stores/redis-sentinel.js';
import type { LogKey } from '../../../src/ports/live-log.js';
import { collect } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const START = { attempt: 0, seq: 0 };
const key: LogKey = { conversationId: 5, messageId: 50 };

describe('When Sentinels put a replica in the place of the master, the redis engine', () => {
  expectNoRejections();

  let servers: TestFailover;
  let nodes: RedisNodes;

  beforeEach(async () => {
    servers = await startRedisFailover();
    nodes = await startRedisNodes(servers.url, servers.url, IMPATIENT);
  });
  afterEach(async () => {
    await nodes.stop();
    await servers.stop();
  });

  const isWell = async () => {
    const checks = [nodes.engine, nodes.peer].map(({ health }) => health.check());
    return (await Promise.all(checks)).every((result) => result === 'ok');
  };

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    it(`goes on with it in mid-answer, after ${signal}, and all texts are whole`, async () => {
      const own = await collect(nodes.engine.log, key.conversationId);
      const elsewhere = await collect(nodes.peer.log, key.conversationId);
      const heard: string[] = [];
      nodes.peer.notices.onNotice(({ type }) => heard.push(type));
      const answer = new SteadyAnswer(nodes.engine.log, key);
      await answer.more(5);
      process.kill((await servers.currentMaster()).pid, signal);
      await eventually(isWell, (well) => !well);
      const before = own.length;
      await answer.more(10);
      expect(own.length).to.be.above(before);
      await eventually(isWell, (well) => well);
      await eventually(
        async () => (await nodes.peer.log.read(key, START))?.text === answer.log.text,
        (whole) => whole,
      );
      await eventually(
        () => elsewhere.resyncs,
        (resyncs) => resyncs > 0,
      );
      const text = await answer.end();
      expect(await nodes.peer.log.read(key, START)).to.include({ text });
      await eventually(
        async () => {
          await nodes.engine.notices.send({ type: 'work' });
          return heard;
        },
        (types) => types.includes('work'),
      );
    });
  }

  it('comes back after an outage of them all', async () => {
    const all = [servers.master, servers.replica, ...servers.sentinels];
    for (const { pid } of all) process.kill(pid, 'SIGSTOP');
    const from = performance.now();
    // Every connection is suspected and replaced more than once in this time.
    await eventually(isWell, (well) => !well && performance.now() - from > 8_000);
    for (const { pid } of all) process.kill(pid, 'SIGCONT');
    await eventually(isWell, (well) => well);
  });
});
