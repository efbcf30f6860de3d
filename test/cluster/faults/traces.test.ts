import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import {
  type Collector,
  type SentSpan,
  startCollector,
  treeOf,
} from '../../../lab/nodes/collector.js';
import type { Account } from '../../../lab/people/rest.js';

/** A node that stalls for less keeps its answers. */
const LEASE_SECONDS = 10;

const TAKEN_OVER = [
  'message:send',
  '  parley.wait attempt 1',
  '  parley.attempt.lost attempt 1',
  '  parley.wait attempt 2',
  '  parley.attempt attempt 2',
  '    chat test-model',
  '    parley.end',
];

describe('The trace of an answer', () => {
  let collector: Collector;
  let cluster: Cluster;
  let ada: Account;

  before(async () => {
    collector = await startCollector();
    cluster = await startCluster({
      nodes: 2,
      env: {
        LEASE_SECONDS: String(LEASE_SECONDS),
        DRAIN_SECONDS: '1',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_SERVICE_NAME: 'chat',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
      },
    });
    ada = await cluster.account('ada', 1);
  });
  after(async () => {
    await cluster?.stop();
    await collector?.stop();
  });

  const attemptOf = ({ attributes }: SentSpan) => attributes['parley.attempt'];
  const shown = (span: SentSpan) =>
    [span.name, ...(attemptOf(span) === undefined ? [] : [`attempt ${attemptOf(span)}`])].join(' ');

  const named = (spans: readonly SentSpan[], name: string, attempt: number): SentSpan => {
    const found = spans.find((span) => span.name === name && attemptOf(span) === attempt);
    if (!found) throw new Error(`no ${name} ${attempt} in ${spans.map(shown)}`);
    return found;
  };

  /** Asks at node 0, whose model then says nothing more. */
  const askAtFirst = async () => {
    const [held, again] = [cluster.upstream.next(), cluster.upstream.next()];
    const [asker, reader] = [await cluster.device(0, ada), await cluster.device(1, ada)];
    const sent = await asker.ask('message:send', { content: 'q', client_id: randomUUID() });
    await held.opened;
    held.write('lost with its node');
    const { id } = sent.assistant_message;
    await reader.ask('conversation:open', { conversation_id: sent.conversation.id });
    return { id, held, again, reader };
  };

  const sentOf = (id: number) => () => {
    const all = collector.spans();
    const { traceId } = all.find(({ attributes }) => attributes['parley.message_id'] === id) ?? {};
    return all.filter((span) => span.traceId === traceId);
  };

  it('has the attempt of a killed node and that of the node that took over', async () => {
    const { id, again, reader } = await askAtFirst();
    // A node may send them in separate batches.
    await eventually(sentOf(id), (spans) =>
      ['message:send', 'parley.wait'].every((name) => spans.some((span) => span.name === name)),
    );
    await cluster.node(0).kill();
    await again.opened;
    again.write('whole');
    again.finish();
    expect(await reader.ended(id)).to.include({ status: 'completed', attempt: 2 });
    const ended = ({ name }: SentSpan) => name === 'parley.attempt';
    const spans = await eventually(sentOf(id), (found) => found.some(ended));
    expect(treeOf(spans, shown)).to.deep.equal(TAKEN_OVER);
    const lost = named(spans, 'parley.attempt.lost', 1);
    const [first, second] = [1, 2].map((attempt) => named(spans, 'parley.wait', attempt));
    const taken = named(spans, 'parley.attempt', 2);
    const nodes = new Set(spans.map(({ resource }) => resource['service.instance.id']));
    expect(nodes.size).to.equal(2);
    expect(lost.failed).to.equal(true);
    expect(lost.attributes['parley.node']).to.equal(first?.resource['service.instance.id']);
    expect(taken.attributes['parley.node']).to.equal(second?.resource['service.instance.id']);
    expect(lost.attributes['parley.node']).not.to.equal(taken.attributes['parley.node']);
    expect(taken.attributes).to.include({
      'parley.takeover': true,
      'parley.result': 'completed',
    });
    // The lost attempt lasted until its lease was over; then the answer waited for the other node. Times are rounded to ms.
    expect(lost.to - lost.from).to.be.at.least(LEASE_SECONDS * 1_000 - 1);
    expect(Math.abs(lost.to - (second?.from ?? 0))).to.be.at.most(1);
    expect(taken.from).to.be.at.least((second?.to ?? Number.NaN) - 1);
    for (const { resource } of spans) {
      expect(resource).to.include({ 'service.name': 'chat', 'deployment.environment': 'test' });
    }
    const logged = await cluster.node(1).process.waitForLog(({ msg }) => msg === 'answer ended');
    expect(logged).to.include({ trace_id: taken.traceId, span_id: taken.spanId });
    await cluster.node(0).start();
  });

  it('has both attempts of an answer that its node handed back', async () => {
    const { id, again, reader } = await askAtFirst();
    expect(await cluster.node(0).stop()).to.equal(0);
    await again.opened;
    again.finish();
    await reader.ended(id);
    const isEnd = (span: SentSpan) => span.name === 'parley.attempt' && attemptOf(span) === 2;
    const spans = await eventually(sentOf(id), (found) => found.some(isEnd));
    expect(treeOf(spans, shown)).to.deep.equal([
      'message:send',
      '  parley.wait attempt 1',
      '  parley.attempt attempt 1',
      '    chat test-model',
      '  parley.wait attempt 2',
      '  parley.attempt attempt 2',
      '    chat test-model',
      '    parley.end',
    ]);
    const first = named(spans, 'parley.attempt', 1);
    expect(first.attributes).to.include({ 'parley.result': 'handed_back' });
    expect(first.failed).to.equal(false);
    const wait = named(spans, 'parley.wait', 2);
    expect(wait.from).to.be.at.least(first.from).and.at.most(wait.to);
    await cluster.node(0).start();
  });
});
