import { expect } from 'chai';
import { answer, status } from '../../../lab/models/scripted-upstream.js';
import { type Cluster, type ClusterOptions, startCluster } from '../../../lab/nodes/cluster.js';
import {
  type Collector,
  type SentSpan,
  startCollector,
  treeOf,
} from '../../../lab/nodes/collector.js';
import { type Receiver, startReceiver } from '../../../lab/people/receiver.js';
import { type Account, callRest } from '../../../lab/people/rest.js';
import { freePort } from '../../../lab/stores/redis.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const PARENT = `00-${TRACE_ID}-${CALLER}-01`;
const QUESTION = 'what is a lease, privately asked?';
const ANSWER = ['A lease ', 'is a promise ', 'with an end.'];
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

describe('A trace', () => {
  let collector: Collector;
  let cluster: Cluster | null = null;
  let receiver: Receiver | null = null;
  let ada: Account;

  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await stop();
    await receiver?.stop();
    receiver = null;
    await collector.stop();
  });

  /** Nodes send what is left when they stop. */
  const stop = async () => {
    await cluster?.stop();
    cluster = null;
  };

  const json = () => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });

  const start = async (env: Record<string, string>, options: Omit<ClusterOptions, 'env'> = {}) => {
    cluster = await startCluster({ inside: true, nodes: 1, ...options, env });
    // No name that the random hexadecimal digits of an id can have by chance.
    ada = await cluster.account('ursula');
    return cluster;
  };

  const post = (path: string, body: unknown, headers: Record<string, string> = {}, node = 0) =>
    callRest<{ id: string }>(`${cluster?.node(node).url}${path}`, {
      token: ada.token,
      body,
      headers,
    });

  const spansOf = async (traceId?: string): Promise<SentSpan[]> => {
    await stop();
    return collector.spans().filter((span) => traceId === undefined || span.traceId === traceId);
  };

  const named = (spans: readonly SentSpan[], name: string): SentSpan => {
    const found = spans.find((span) => span.name === name);
    if (!found) throw new Error(`no ${name} in ${spans.map((span) => span.name)}`);
    return found;
  };

  it('leads from the call of a client to the end of its answer, with no span per delta', async () => {
    const { upstream } = await start(json());
    upstream.script(answer(ANSWER, { usage: USAGE }));
    const headers = { traceparent: PARENT };
    const { status } = await post('/agent/chat', { message: QUESTION }, headers);
    expect(status).to.equal(200);
    const asked = await upstream.request(1);
    const spans = await spansOf(TRACE_ID);
    expect(treeOf(spans)).to.deep.equal([
      'POST /agent/chat',
      '  parley.wait',
      '  parley.attempt',
      '    chat test-model',
      '    parley.end',
    ]);
    const call = named(spans, 'POST /agent/chat');
    expect(call.parentSpanId).to.equal(CALLER);
    expect(call.attributes).to.include({
      'http.request.method': 'POST',
      'http.route': '/agent/chat',
      'http.response.status_code': 200,
    });
    const attempt = named(spans, 'parley.attempt');
    expect(attempt.attributes).to.include({ 'parley.attempt': 1, 'parley.takeover': false });
    expect(attempt.attributes).to.include({ 'parley.result': 'completed' });
    expect(attempt.attributes['parley.node']).to.equal(attempt.resource['service.instance.id']);
    expect(attempt.resource['service.name']).to.equal('parley');
    const model = named(spans, 'chat test-model');
    expect(model.attributes).to.deep.include({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'test-model',
      'gen_ai.response.model': 'test-model',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 5,
    });
    expect(model.attributes['gen_ai.response.time_to_first_chunk']).to.be.above(0);
    expect(model.events).to.deep.equal(['request sent', 'first text']);
    expect(asked.headers.traceparent).to.equal(`00-${TRACE_ID}-${model.spanId}-01`);
    for (const { from, to, failed } of spans) {
      expect(to).to.be.at.least(from);
      expect(failed).to.equal(false);
    }
  });

  it('has no text of a user or a model', async () => {
    const { upstream } = await start(json());
    upstream.script(answer(ANSWER), status(400, { message: 'refused privately' }));
    await post('/agent/chat', { message: QUESTION });
    await post('/agent/chat', { message: QUESTION });
    const failed = (await spansOf()).filter((span) => span.name === 'chat test-model').at(-1);
    expect(failed?.failed).to.equal(true);
    expect(failed?.attributes['error.type']).to.equal('provider_error');
    const sent = collector.requests.map(({ body }) => String(body)).join('');
    for (const text of ['privately', 'lease ', 'promise', 'ursula', ada.token]) {
      expect(sent).not.to.include(text);
    }
  });

  it('shows how long an answer waited, and on which node it began', async () => {
    const { upstream } = await start({ ...json(), GENERATIONS_PER_USER: '1' }, { nodes: 2 });
    const held = upstream.next();
    const device = await cluster?.device(0, ada);
    const first = await device?.ask('message:send', { content: 'q', client_id: 'a' });
    await held.opened;
    const second = await device?.ask('message:send', { content: 'q', client_id: 'b' });
    const id = second?.assistant_message.id ?? 0;
    held.finish();
    await device?.ended(first?.assistant_message.id ?? 0);
    await device?.ended(id);
    const spans = await spansOf();
    const ofSecond = spans.filter(({ attributes }) => attributes['parley.message_id'] === id);
    const { traceId } = named(ofSecond, 'parley.attempt');
    const trace = spans.filter((span) => span.traceId === traceId);
    expect(treeOf(trace)).to.deep.equal([
      'message:send',
      '  parley.wait',
      '  parley.attempt',
      '    chat test-model',
      '    parley.end',
    ]);
    const [asked, wait] = [named(trace, 'message:send'), named(trace, 'parley.wait')];
    const attempt = named(trace, 'parley.attempt');
    const [running] = spans.filter(({ name }) => name === 'chat test-model');
    expect(wait.to).to.be.at.least(running?.to ?? Number.NaN);
    expect(wait.from)
      .to.be.at.least(asked.from - 1)
      .and.below(wait.to);
    expect(attempt.from).to.be.at.least(wait.to - 1);
    expect(new Set(spans.map((span) => span.traceId)).size).to.equal(2);
  });

  it('is that of the call that asks again', async () => {
    const { upstream } = await start(json());
    upstream.script(answer('cut short', { finishReason: 'length' }));
    const device = await cluster?.device(0, ada);
    const sent = await device?.ask('message:send', { content: 'q', client_id: 'a' });
    const message_id = sent?.assistant_message.id ?? 0;
    await device?.ended(message_id);
    await device?.ask('message:continue', { message_id, client_id: 'b' });
    await upstream.request(2);
    const again = await device?.ask('message:regenerate', { message_id, client_id: 'c' });
    await device?.ended(again?.assistant_message.id ?? 0);
    const spans = await spansOf();
    const attempts = spans.filter(({ name }) => name === 'parley.attempt');
    const calls = attempts.map(({ parentSpanId }) =>
      spans.find(({ spanId }) => spanId === parentSpanId),
    );
    const names = calls.map((call) => call?.name);
    expect(names).to.deep.equal(['message:send', 'message:continue', 'message:regenerate']);
    expect(new Set(calls.map((call) => call?.traceId)).size).to.equal(3);
  });

  it('leads through completions for programs, stored or not', async () => {
    const { upstream } = await start(json());
    upstream.otherwise(answer(ANSWER, { usage: USAGE }));
    const body = { model: 'test-model', messages: [{ role: 'user', content: QUESTION }] };
    const path = '/v1/chat/completions';
    const traced = (span: string) => ({ traceparent: `00-${TRACE_ID}-${span}-01` });
    const [plain, durable] = ['1'.repeat(16), '2'.repeat(16)];
    expect((await post(path, body, traced(plain))).status).to.equal(200);
    const key = { 'idempotency-key': 'k' };
    expect((await post(path, body, { ...traced(durable), ...key })).status).to.equal(200);
    const spans = await spansOf(TRACE_ID);
    const ofCall = (parent: string) => {
      const [call] = spans.filter((span) => span.parentSpanId === parent);
      const ids = new Set([call?.spanId]);
      for (const { spanId, parentSpanId } of spans) if (ids.has(parentSpanId)) ids.add(spanId);
      return treeOf(spans.filter(({ spanId }) => ids.has(spanId)));
    };
    expect(ofCall(plain)).to.deep.equal(['POST /v1/chat/completions', '  chat test-model']);
    expect(ofCall(durable)).to.deep.equal([
      'POST /v1/chat/completions',
      '  parley.wait',
      '  parley.attempt',
      '    chat test-model',
      '    parley.end',
    ]);
    for (const { events } of spans.filter(({ name }) => name === 'chat test-model')) {
      expect(events).to.deep.equal(['request sent', 'first text']);
    }
    const kinds = spans.map(({ attributes }) => attributes['parley.kind']).filter(Boolean);
    expect(kinds).to.deep.equal(['completion', 'completion']);
  });

  it('ends with the refusal of a caller whom nobody knows, and names no reason and no key', async () => {
    const node = await start(json());
    const body = { model: 'test-model', messages: [{ role: 'user', content: QUESTION }] };
    const path = '/v1/chat/completions';
    const headers = { traceparent: PARENT };
    for (const token of [undefined, 'sk-a-wrong-key', 'no.access.token']) {
      const { status } = await callRest(`${node.node(0).url}${path}`, {
        ...{ body, headers, ...(token !== undefined && { token }) },
      });
      expect(status).to.equal(401);
    }
    const spans = await spansOf(TRACE_ID);
    expect(treeOf(spans)).to.deep.equal(Array(3).fill(`POST ${path}`));
    for (const { attributes, parentSpanId, events, failed } of spans) {
      const { 'parley.node': _, ...rest } = attributes;
      expect(rest).to.deep.equal({
        ...{ 'http.request.method': 'POST', 'http.route': path },
        'http.response.status_code': 401,
      });
      expect({ parentSpanId, events, failed }).to.deep.equal({
        ...{ parentSpanId: CALLER, events: [], failed: false },
      });
    }
  });

  it('reaches webhooks, whose receivers learn nothing of it', async () => {
    receiver = await startReceiver();
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const hook = { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: secret };
    await start({ ...json(), ...hook, WEBHOOK_ALLOW_PRIVATE: 'true' });
    await post('/agent/chat', { message: QUESTION }, { traceparent: PARENT });
    const [told] = await receiver.until(1);
    const spans = await spansOf(TRACE_ID);
    const webhook = named(spans, 'parley.webhook');
    expect(webhook.parentSpanId).to.equal(named(spans, 'POST /agent/chat').spanId);
    expect(webhook.attributes).to.include({
      'http.response.status_code': 204,
      'parley.attempt': 1,
    });
    expect(told?.headers).not.to.have.property('traceparent');
  });

  it('is named by the lines of its work', async () => {
    await start(json());
    await post('/agent/chat', { message: QUESTION }, { traceparent: PARENT });
    const { process } = (cluster as Cluster).node(0);
    const ended = await process.waitForLog(({ msg }) => msg === 'answer ended');
    const request = await process.waitForLog(
      (line) => (line.req as { path?: string } | undefined)?.path === '/agent/chat',
    );
    const spans = await spansOf(TRACE_ID);
    const idsOf = ({ traceId, spanId }: SentSpan) => ({ trace_id: traceId, span_id: spanId });
    expect(ended).to.include(idsOf(named(spans, 'parley.attempt')));
    expect(request).to.include(idsOf(named(spans, 'POST /agent/chat')));
  });

  it('goes as protobuf unless JSON is wanted', async () => {
    await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/of/traces` });
    await post('/agent/chat', { message: QUESTION }, { traceparent: PARENT });
    await stop();
    const [request] = collector.requests;
    expect(request?.path).to.equal('/of/traces');
    expect(request?.headers['content-type']).to.equal('application/x-protobuf');
    expect(request?.body.includes(Buffer.from(TRACE_ID, 'hex'))).to.equal(true);
  });

  for (const [what, more] of Object.entries({
    'without the variables': null,
    'with OTEL_SDK_DISABLED': { OTEL_SDK_DISABLED: 'true' },
    'with the exporter none': { OTEL_TRACES_EXPORTER: 'none' },
  })) {
    it(`is neither sent nor named anywhere ${what}`, async () => {
      const { upstream } = await start(more ? { ...json(), ...more } : {});
      await post('/agent/messages', { content: QUESTION, client_id: 'a' }, { traceparent: PARENT });
      const { headers } = await upstream.request(1);
      const { process } = (cluster as Cluster).node(0);
      await process.waitForLog(({ msg }) => msg === 'answer ended');
      const logged = JSON.stringify(process.logs);
      await stop();
      expect(headers).not.to.have.property('traceparent');
      expect(logged).not.to.include('trace_id');
      expect(collector.requests).to.be.empty;
    });
  }

  it('is lost with its collector, while answers are not', async () => {
    const port = await freePort();
    const quick = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_EXPORTER_OTLP_TIMEOUT: '300' };
    const nowhere = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
    await start({ ...json(), ...quick, ...nowhere }, { inside: false });
    const { process } = (cluster as Cluster).node(0);
    for (let i = 0; i < 3; i++) {
      expect((await post('/agent/chat', { message: QUESTION })).status).to.equal(200);
      await process.waitForLog(({ msg }) => msg === 'traces were not sent');
    }
    await stop();
    const warnings = process.logs.filter(({ msg }) => msg === 'traces were not sent');
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.reason).to.equal('ECONNREFUSED');
  });

  it('holds up no stop when its collector does not reply', async () => {
    collector.mute();
    await start(json(), { inside: false });
    expect((await post('/agent/chat', { message: QUESTION })).status).to.equal(200);
    const node = (cluster as Cluster).node(0);
    const { process } = node;
    expect(await node.stop()).to.equal(0);
    expect(collector.requests).to.have.length(1);
    const [warning] = process.logs.filter(({ msg }) => msg === 'traces were not sent');
    expect(warning?.reason).to.equal('the node stopped first');
  });
});
