import type pg from 'pg';
import { createClient } from '../../lab/stores/client.js';
import type { Ask, Work } from '../../lab/stores/queue-work.js';

/** Milliseconds by the name of the statement, as its caller measures them. */
export type Times = Map<string, number[]>;

async function rolledBack(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  await work().finally(() => client.query('ROLLBACK'));
}

type Meter = (query: () => Promise<pg.QueryResult>) => Promise<[rows: never[], ms: number]>;

async function repeat(client: pg.Client, works: Work[], runs: number, meter: Meter) {
  const times: Times = new Map();
  const ask: Ask = async (name, sql, bind) => {
    const [rows, took] = await meter(() => client.query(sql, bind));
    if (name) times.set(name, [...(times.get(name) ?? []), took]);
    return rows;
  };
  for (const work of works) {
    for (let run = 0; run < runs; run++) await rolledBack(client, () => work(ask));
  }
  return times;
}

/** Time as the caller measures it. Statements are unnamed and bound, like the product's. */
export const time = (client: pg.Client, works: Work[], runs: number): Promise<Times> =>
  repeat(client, works, runs, async (query) => {
    const begun = performance.now();
    const { rows } = await query();
    return [rows as never[], performance.now() - begun];
  });

const CPU = /([\d.]+) s user, ([\d.]+) s system/;

/** CPU time of the server, including planning: a busy machine hardly changes it. */
export async function compute(client: pg.Client, works: Work[], runs: number): Promise<Times> {
  let spent = 0;
  const count = ({ detail }: { detail?: string | undefined }) => {
    const [, user, system] = CPU.exec(detail ?? '') ?? [];
    spent += 1_000 * (Number(user ?? 0) + Number(system ?? 0));
  };
  client.on('notice', count);
  await client.query('SET client_min_messages = log');
  await client.query('SET log_statement_stats = on');
  const times = await repeat(client, works, runs, async (query) => {
    spent = 0;
    const { rows } = await query();
    return [rows as never[], spent];
  });
  await client.query('RESET log_statement_stats');
  await client.query('RESET client_min_messages');
  client.off('notice', count);
  return times;
}

/** `EXPLAIN (ANALYZE, BUFFERS)` of every statement of `work`, by its name. */
export async function explain(client: pg.Client, work: Work): Promise<Map<string, string>> {
  const plans = new Map<string, string>();
  const ask: Ask = async (name, sql, bind) => {
    if (name) plans.set(name, await planOf(client, sql, bind));
    return (await client.query(sql, bind)).rows;
  };
  await rolledBack(client, () => work(ask));
  return plans;
}

async function planOf(client: pg.Client, sql: string, bind: unknown[]): Promise<string> {
  await client.query('SAVEPOINT unexplained');
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS) ${sql}`, bind);
  await client.query('ROLLBACK TO unexplained');
  return rows.map((row) => row['QUERY PLAN'].slice(0, 180)).join('\n');
}

export async function connect(url: string): Promise<pg.Client> {
  const client = createClient(url);
  await client.connect();
  // The planner must know only what the scenario says.
  await client.query('ALTER TABLE generations SET (autovacuum_enabled = off)');
  return client;
}
