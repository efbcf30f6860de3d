import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { startProduct } from '../../../lab/nodes/process.js';
import { createTestDatabase } from '../../../lab/stores/database.js';
import { startRedis } from '../../../lab/stores/redis.js';
import { ERRORS } from '../../../src/contract/errors.js';
import { EVENT_PERMISSIONS } from '../../../src/contract/permissions.js';
import { LIMIT_NAMES } from '../../../src/ports/telemetry.js';

const TOKEN = 'collect-me';
const USAGE = {
  prompt_tokens: 70,
  completion_tokens: 50,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 20 },
};

/** Values by series, as the text has them. */
function seriesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe('Metrics', () => {
  let app: TestApp | null = null;
  afterEach(async () => {
    await app?.stop();
    app = null;
  });

  const start = async (env: Record<string, string> = { METRICS_TOKEN: TOKEN }) => {
    app = await startApp(env);
    return app;
  };
  const collect = (url: string, token: string | null = TOKEN) =>
    fetch(`${url}/metrics`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
  const read = async (url: string) => seriesOf(await (await collect(url)).text());

  it('are served to whoever has the token, and to nobody else', async () => {
    const { url, register } = await start();
    const ada = await register('ada');
    const codeOf = async (token: string | null) => {
      const response = await collect(url, token);
      return [response.status, (await response.json()).code];
    };
    expect(await codeOf(null)).to.deep.equal([401, 'unauthenticated']);
    expect(await codeOf('collect-mf')).to.deep.equal([401, 'token_invalid']);
    expect(await codeOf('collect-me-too')).to.deep.equal([401, 'token_invalid']);
    expect(await codeOf(ada.token)).to.deep.equal([401, 'token_invalid']);
    const served = await collect(url);
    expect(served.status).to.equal(200);
    expect(served.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(served.headers.get('cache-control')).to.equal('no-store');
  });

  it('do not exist without a setting', async () => {
    const { url } = await start({});
    expect((await collect(url)).status).to.equal(404);
  });

  it('have every series from the start, at 0', async () => {
    const series = await read((await start()).url);
    const labels = (name: string, label: string, values: readonly string[]) =>
      values.map((value) => `${name}{${label}="${value}"}`);
    const events = [...Object.keys(EVENT_PERMISSIONS), 'unknown'];
    const codes = Object.keys(ERRORS);
    const zero = [
      ...labels('parley_handshakes_total', 'result', ['accepted', ...codes]),
      ...events.flatMap((event) =>
        ['ok', ...codes].map((code) => `parley_events_total{event="${event}",result="${code}"}`),
      ),
      ...labels('parley_event_seconds_count', 'event', events),
      ...labels('parley_generations_total', 'status', [
        ...['completed', 'stopped', 'interrupted', 'failed'],
      ]),
      ...labels('parley_completions_total', 'status', ['completed', 'failed', 'cancelled']),
      'parley_first_text_seconds_count',
      ...labels('parley_tokens_total', 'kind', ['prompt', 'completion', 'cached', 'reasoning']),
      ...['parley_takeovers_total', 'parley_gaps_total', 'parley_slow_readers_total'],
      ...labels('parley_resumes_total', 'outcome', ['nothing', 'rest', 'anew']),
      ...labels('parley_limited_total', 'limit', LIMIT_NAMES),
      ...['parley_relay_lag_seconds_count', 'parley_redis_seconds_count'],
      ...['parley_sockets', 'parley_queue_depth', 'parley_queue_age_seconds'],
      'parley_pool_connections{state="waiting"}',
    ];
    expect(zero.filter((name) => series.get(name) !== 0)).to.deep.equal([]);
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    const built = `parley_build_info{version="${version}",node_version="${process.version}"}`;
    expect(series.get(built)).to.equal(1);
    expect(series.get('process_cpu_seconds_total')).to.be.above(0);
  });

  it('count the calls of programs by how they end', async () => {
    const { url, register, upstream } = await start();
    const { token } = await register('ada');
    const call = (signal?: AbortSignal) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ model: 'test-model', stream: true },
          messages: [{ role: 'user', content: 'secret words' }],
        }),
        ...(signal && { signal }),
      });
    upstream.script(answer(['Hel', 'lo.'], { usage: USAGE }));
    await (await call()).text();
    upstream.script((response) => void response.writeHead(400).end('{}'));
    await (await call()).text();
    const [held, leave] = [upstream.next(), new AbortController()];
    const left = call(leave.signal).catch(() => null);
    await held.opened;
    leave.abort();
    await left;
    const name = (status: string) => `parley_completions_total{status="${status}"}`;
    const series = await eventually(
      () => read(url),
      (found) => found.get(name('cancelled')) === 1,
    );
    expect([series.get(name('completed')), series.get(name('failed'))]).to.deep.equal([1, 1]);
    expect(series.get('parley_generations_total{status="completed"}')).to.equal(0);
    expect(series.get('parley_tokens_total{kind="completion"}')).to.equal(50);
    expect(series.get('parley_tokens_total{kind="reasoning"}')).to.equal(20);
  });

  it('count what happens, and carry nothing that users wrote', async () => {
    const { url, register, device, upstream } = await start();
    const ada = await device(await register('ada'));
    upstream.script(answer(['Hel', 'lo.'], { usage: USAGE }));
    const sent = await ada.ask('message:send', { content: 'secret words', client_id: 'c' });
    await ada.ended(sent.assistant_message?.id ?? 0);
    await ada.emit('secret:event' as 'message:send', { content: 'q', client_id: 'd' });
    await ada.ask('generation:resume', {
      message_id: sent.assistant_message?.id ?? 0,
      attempt: 0,
      seq: 0,
    });
    const text = await (await collect(url)).text();
    expect(text).to.not.match(/secret|ada/);
    const series = seriesOf(text);
    const expected = {
      parley_sockets: 1,
      'parley_handshakes_total{result="accepted"}': 1,
      'parley_events_total{event="message:send",result="ok"}': 1,
      'parley_events_total{event="unknown",result="unknown_event"}': 1,
      'parley_event_seconds_count{event="message:send"}': 1,
      'parley_generations_total{status="completed"}': 1,
      parley_first_text_seconds_count: 1,
      'parley_tokens_total{kind="prompt"}': 70,
      'parley_tokens_total{kind="completion"}': 50,
      'parley_tokens_total{kind="cached"}': 30,
      'parley_tokens_total{kind="reasoning"}': 20,
      'parley_resumes_total{outcome="rest"}': 1,
    };
    for (const [name, value] of Object.entries(expected)) {
      expect(series.get(name), name).to.equal(value);
    }
    expect(series.get('parley_postgres_seconds_count')).to.be.above(5);
    expect(series.get('parley_event_seconds_sum{event="message:send"}')).to.be.above(0);
  });

  it('have the waiting answers of all nodes', async () => {
    const { url, register, device, upstream } = await start({
      METRICS_TOKEN: TOKEN,
      GENERATIONS_PER_USER: '1',
    });
    const ada = await device(await register('ada'));
    const held = upstream.next();
    for (const client_id of ['a', 'b', 'c']) {
      await ada.ask('message:send', { content: 'q', client_id });
    }
    const series = await eventually(
      () => read(url),
      (one) => one.get('parley_queue_depth') === 2,
    );
    expect(series.get('parley_queue_age_seconds')).to.be.above(0);
    held.finish();
  });

  it('have the times of Redis, and of messages through it', async () => {
    const redis = await startRedis();
    try {
      const { url } = await start({ METRICS_TOKEN: TOKEN, REDIS_URL: redis.url });
      const counts = ['parley_relay_lag_seconds_count', 'parley_redis_seconds_count'];
      await eventually(
        () => read(url),
        (one) => counts.every((name) => (one.get(name) ?? 0) > 0),
      );
    } finally {
      await app?.stop();
      app = null;
      await redis.stop();
    }
  });

  it('have a port of their own if one is set, and then only that', async () => {
    const database = await createTestDatabase();
    const product = await startProduct({
      DATABASE_URL: database.url,
      METRICS_PORT: '0',
      METRICS_TOKEN: TOKEN,
      LOG_LEVEL: 'info',
    });
    try {
      const { port } = await product.waitForLog(({ msg }) => msg === 'metrics are served');
      const own = `http://127.0.0.1:${port}`;
      expect((await collect(product.url)).status).to.equal(404);
      expect((await fetch(`${own}/`)).status).to.equal(404);
      expect((await fetch(`${own}/metrics`, { method: 'POST' })).status).to.equal(404);
      expect((await fetch(`${own}/metrics`, { method: 'HEAD' })).status).to.equal(200);
      const series = seriesOf(await (await collect(own, null)).text());
      expect(series.get('parley_sockets')).to.equal(0);
    } finally {
      await product.stop();
      await database.drop();
    }
  });
});
