import { readFile } from 'node:fs/promises';
import { mock } from 'node:test';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { createCounters } from '../../../src/adapters/prometheus/counters.js';
import { registerGauges } from '../../../src/adapters/prometheus/gauges.js';
import { openMetrics } from '../../../src/adapters/prometheus/metrics.js';
import type { Logger } from '../../../src/domain/logger.js';
import { openMetricsServer } from '../../../src/http/metrics.js';
import { noTelemetry, type Telemetry } from '../../../src/ports/telemetry.js';
import { readText, rows, section } from '../../support/markdown.js';

const GAUGES = {
  sockets: () => 3,
  pool: () => ({ idle: 4, busy: 5, waiting: 6 }),
  queue: async () => ({ depth: 7, oldestSeconds: 8.5 }),
};

/** Names of all series, also those of a histogram's parts. */
async function names(): Promise<Set<string>> {
  const metrics = openMetrics('1.2.3');
  metrics.watch(GAUGES);
  const text = await metrics.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Set(lines.map((line) => /^[a-z0-9_]+/.exec(line)?.[0] ?? line));
}

const isOurs = (name: string) => /^(parley|process|nodejs)_/.test(name);
const namesIn = (text: string) =>
  [...text.matchAll(/\b(?:parley|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);

describe('The metrics', () => {
  afterEach(() => mock.restoreAll());

  const counted = async (make: (telemetry: Telemetry) => void, series: string) => {
    const register = new Registry();
    make(createCounters(register, '1.2.3'));
    const line = (await register.metrics()).split('\n').find((one) => one.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1));
  };

  const CASES: [string, (telemetry: Telemetry) => void, number][] = [
    [
      'parley_handshakes_total{result="token_expired"}',
      (t) => t.handshake({ result: 'token_expired' }),
      1,
    ],
    ['parley_takeovers_total', (t) => t.attemptTakenOver({ attempt: 2 }), 1],
    ['parley_gaps_total', (t) => t.gapFound(), 1],
    ['parley_slow_readers_total', (t) => t.slowReader({ outcome: 'held_back' }), 1],
    ['parley_slow_readers_total', (t) => t.slowReader({ outcome: 'caught_up' }), 0],
    ['parley_limited_total{limit="flood"}', (t) => t.limited({ limit: 'flood' }), 1],
    ['parley_resumes_total{outcome="rest"}', (t) => t.answerResumed({ outcome: 'rest' }), 1],
    [
      'parley_generations_total{status="stopped"}',
      (t) => t.answerEnded({ status: 'stopped', attempt: 0, ms: 0, usage: null }),
      1,
    ],
    ['parley_first_text_seconds_sum', (t) => t.firstText({ attempt: 1, ms: 250 }), 0.25],
    ['parley_relay_lag_seconds_sum', (t) => t.relayed({ ms: 2 }), 0.002],
    ['parley_redis_seconds_sum', (t) => t.redisReplied({ ms: 3 }), 0.003],
    ['parley_postgres_seconds_sum', (t) => t.postgresReplied({ ms: 4 }), 0.004],
    [
      'parley_event_seconds_sum{event="message:send"}',
      (t) => t.eventHandled({ event: 'message:send', result: 'ok', ms: 5 }),
      0.005,
    ],
  ];
  for (const [series, make, value] of CASES) {
    it(`${series} is ${value} after ${/t\.\w+/.exec(String(make))?.[0].slice(2)}`, async () => {
      expect(await counted(make, series)).to.equal(value);
    });
  }

  const WITHIN: [string, (telemetry: Telemetry) => void, below: string, above: string][] = [
    ['first_text', (t) => t.firstText({ attempt: 1, ms: 300 }), '0.25', '0.5'],
    ['first_text', (t) => t.firstText({ attempt: 1, ms: 100_000 }), '60', '120'],
    ['redis', (t) => t.redisReplied({ ms: 0.7 }), '0.0005', '0.001'],
    ['postgres', (t) => t.postgresReplied({ ms: 4_000 }), '2.5', '5'],
    ['relay_lag', (t) => t.relayed({ ms: 30 }), '0.025', '0.05'],
  ];
  for (const [name, make, below, above] of WITHIN) {
    it(`tell a ${name} between ${below} and ${above} seconds from others`, async () => {
      const bucket = (le: string) => counted(make, `parley_${name}_seconds_bucket{le="${le}"}`);
      expect([await bucket(below), await bucket(above)]).to.deep.equal([0, 1]);
    });
  }

  it('listen to nothing that has no metric', () => {
    const telemetry = createCounters(new Registry(), '1');
    const ignored = Object.entries(telemetry).filter(
      ([name, method]) => method === noTelemetry[name as keyof Telemetry],
    );
    expect(ignored.map(([name]) => name)).to.have.members([
      ...['questionStored', 'attemptClaimed', 'attemptHandedBack', 'attemptLost', 'modelRefused'],
    ]);
  });

  it('read the gauges when they are collected, and the queue at most every two seconds', async () => {
    const register = new Registry();
    let reads = 0;
    const queue = () => {
      reads += 1;
      return GAUGES.queue();
    };
    registerGauges(register, { ...GAUGES, queue });
    let now = 5_000;
    mock.method(performance, 'now', () => now);
    const text = await register.metrics();
    expect(text).to.include('parley_sockets 3');
    expect(text).to.include('parley_pool_connections{state="busy"} 5');
    expect(text).to.include('parley_queue_depth 7');
    expect(text).to.include('parley_queue_age_seconds 8.5');
    now += 1_999;
    await register.metrics();
    expect(reads).to.equal(1);
    now += 1;
    await register.metrics();
    expect(reads).to.equal(2);
  });

  it('have no figures of a queue that cannot be read, and all others', async () => {
    const register = new Registry();
    const queue = () => Promise.reject(new Error('Postgres is away'));
    registerGauges(register, { ...GAUGES, queue });
    const text = await register.metrics();
    expect(text).to.include('parley_queue_depth Nan');
    expect(text).to.include('parley_sockets 3');
  });

  it('close a request whose figures cannot be collected, and log why', async () => {
    const logged: object[] = [];
    const logger = { info: () => {}, error: (fields: object) => logged.push(fields) };
    const broken = {
      contentType: 'text/plain',
      text: () => Promise.reject(new Error('broken')),
    };
    const server = await openMetricsServer(0, broken, logger as unknown as Logger);
    const asked = fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect(await asked.catch(() => 'closed')).to.equal('closed');
    expect(logged).to.have.length(1);
    await server.close();
  });

  it('are all in the table of docs/operations.md, and nothing else is', async () => {
    const table = rows(section(await readText('docs/operations.md'), '## Metrics'));
    const documented = new Set(table.flatMap(([cell = '']) => namesIn(cell)).filter(isOurs));
    const base = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    const own = [...(await names())].filter((name) => name.startsWith('parley_'));
    expect([...documented].sort()).to.deep.equal([...new Set(own.map(base))].sort());
  });

  for (const file of ['deploy/grafana-dashboard.json', 'deploy/prometheus-alerts.yml']) {
    it(`have every metric of ${file}`, async () => {
      const known = await names();
      const used = namesIn(await readFile(file, 'utf8'));
      expect(used).to.not.be.empty;
      expect(used.filter((name) => !known.has(name))).to.deep.equal([]);
    });
  }

  it('have alerts that docs/operations.md names, and no others', async () => {
    const alerts = await readFile('deploy/prometheus-alerts.yml', 'utf8');
    const written = [...alerts.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    const table = rows(section(await readText('docs/operations.md'), '## Metrics'));
    const documented = table.flatMap(([cell = '']) =>
      [...cell.matchAll(/`(Parley\w+)`/g)].map(([, name]) => name),
    );
    expect(written).to.have.members(documented);
  });
});
