import type pg from 'pg';
import { quantile } from '../lab/quantile.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { fillQueue } from '../lab/stores/queue.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { type Scenario, scenarios } from './support/queue-scenarios.js';
import { compute, connect, explain, type Times, time } from './support/statements.js';

/** Leases are renewed once before the measurement, so that the rows have free space beside them. */
const RENEWED = `UPDATE generations SET lease_expires_at = lease_expires_at WHERE state = 'running'`;

interface Size {
  /** Runs of each statement in each repeat. */
  runs: number;
  repeats: number;
  /** Prints the plans. */
  show: boolean;
}

async function prepare(client: pg.Client, { shape, statistics, generic }: Scenario): Promise<void> {
  if (statistics === 'of an empty queue') {
    await fillQueue(client, { ...shape, waiting: 0, running: 0, expired: 0 });
    await client.query('ANALYZE');
  }
  await fillQueue(client, shape);
  for (let i = 0; i < 2; i++) await client.query(RENEWED);
  if (!statistics) await client.query('ANALYZE');
  await client.query(`SET plan_cache_mode = ${generic ? 'force_generic_plan' : 'auto'}`);
}

async function printPlans(client: pg.Client, name: string, { works }: Scenario): Promise<void> {
  for (const work of works) {
    for (const [statement, plan] of await explain(client, work))
      console.log(`\n## ${name} | ${statement}\n${plan}`);
  }
}

async function repeated(times: number, once: () => Promise<Times>): Promise<Times[]> {
  const rounds: Times[] = [];
  for (let i = 0; i < times; i++) rounds.push(await once());
  return rounds;
}

function quantilesOf(scenario: string, rounds: readonly Times[], q: number): Record<string, Row> {
  const names = [...(rounds[0]?.keys() ?? [])];
  const row = (name: string) => rowOf(rounds.map((times) => quantile(times.get(name) ?? [], q)));
  return Object.fromEntries(names.map((name) => [`${scenario} | ${name}`, row(name)]));
}

/** Uses a separate database, so that the planner's knowledge of others does not count. */
async function run(name: string, scenario: Scenario, { runs, repeats, show }: Size) {
  const database = await createTestDatabase();
  const client = await connect(database.url);
  try {
    await prepare(client, scenario);
    if (show) await printPlans(client, name, scenario);
    await time(client, scenario.works, Math.ceil(runs / 10));
    const times = await repeated(repeats, () => time(client, scenario.works, runs));
    const computing = await repeated(repeats, () => compute(client, scenario.works, runs));
    return {
      p50: quantilesOf(name, times, 0.5),
      p99: quantilesOf(name, times, 0.99),
      cpu: quantilesOf(name, computing, 0.5),
    };
  } finally {
    await client.end();
    await database.drop();
  }
}

/** The cost of each scheduler statement over the worst queue. Also prints the plans. */
export async function claims(small: boolean): Promise<Results> {
  const size = { runs: small ? 1 : 100, repeats: repeatsOf(small), show: !small };
  const rows = { p50: {}, p99: {}, cpu: {} };
  try {
    for (const [name, scenario] of Object.entries(scenarios(small ? 0.02 : 1))) {
      const found = await run(name, scenario, size);
      Object.assign(rows.p50, found.p50);
      Object.assign(rows.p99, found.p99);
      Object.assign(rows.cpu, found.cpu);
    }
  } finally {
    await stopTestPostgres();
  }
  return {
    'claims-p50': { unit: 'ms', rows: rows.p50 },
    'claims-p99': { unit: 'ms', rows: rows.p99 },
    'claims-cpu': { unit: "ms of the server's CPU", rows: rows.cpu },
  };
}
