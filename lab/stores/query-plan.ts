import type pg from 'pg';
import type { Ask, Work } from './queue-work.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

export interface Plan {
  /** Rows of `generations` that were examined, including mere index entries. */
  touched: number;
  /** Most rows that one step has sorted. */
  sorted: number;
  /** Growing tables that were read from end to end. */
  scanned: string[];
}

const GROWING = ['generations', 'messages', 'conversations'];

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const rowsOf = (node: PlanNode) =>
  node['Actual Loops'] *
  (node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0));

const largest = (numbers: number[]) => Math.max(0, ...numbers);

function planOf(root: PlanNode): Plan {
  const nodes = nodesOf(root);
  const scans = nodes.filter((node) => node['Node Type'].endsWith('Scan'));
  const reads = scans.filter(
    (node) => node['Relation Name'] === 'generations' || node['Node Type'] === 'Bitmap Index Scan',
  );
  const sorts = nodes.filter((node) => node['Node Type'].includes('Sort'));
  const whole = scans.filter(
    (node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0,
  );
  const tables = whole.map((node) => node['Relation Name'] ?? '');
  return {
    touched: reads.map(rowsOf).reduce((sum, rows) => sum + rows, 0),
    sorted: largest(sorts.map(rowsOf)),
    scanned: tables.filter((table) => GROWING.includes(table)),
  };
}

async function explain(client: pg.Client, sql: string, bind: unknown[]): Promise<Plan> {
  await client.query('SAVEPOINT unexplained');
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, bind);
  await client.query('ROLLBACK TO unexplained');
  return planOf(rows[0]['QUERY PLAN'][0].Plan);
}

/** The plans by which the statements of `work` really ran, by their names. Their changes are rolled back. */
export async function plansOf(client: pg.Client, work: Work): Promise<Map<string, Plan>> {
  const plans = new Map<string, Plan>();
  const ask: Ask = async (name, sql, bind) => {
    if (name) plans.set(name, await explain(client, sql, bind));
    return (await client.query(sql, bind)).rows;
  };
  await client.query('BEGIN');
  await work(ask).finally(() => client.query('ROLLBACK'));
  return plans;
}
