import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type pg from 'pg';

export interface Counts {
  /** Counted per answer. */
  deltas: number;
  transactions: number;
  postgresCpu: number;
  /** Counted per delta. */
  commands: number;
  bytes: number;
  redisCpu: number;
}

interface Totals {
  commands: number;
  bytes: number;
  redisCpu: number;
  transactions: number;
  postgresCpu: number;
}

/** Fields of `INFO`, as numbers. */
const numberIn = (info: string, name: string) =>
  Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);

async function redisTotals(admin: Redis) {
  const info = await admin.info();
  const sum = (...names: string[]) => names.reduce((all, name) => all + numberIn(info, name), 0);
  return {
    commands: sum('total_commands_processed'),
    bytes: sum('total_net_input_bytes', 'total_net_output_bytes'),
    redisCpu: sum('used_cpu_user', 'used_cpu_sys') * 1e6,
  };
}

/** Returns µs. A backend that has just ended counts as zero. */
async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0');
  return Number(text.split(' ')[0]) / 1_000;
}

/** Totals of this database's backends, without the one that asks. */
async function postgresTotals(sql: pg.Client) {
  await sql.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await sql.query<{ transactions: string; pids: number[] }>(
    `SELECT xact_commit + xact_rollback AS transactions,
       ARRAY(SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) AS pids
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  const cpus = await Promise.all((rows[0]?.pids ?? []).map(cpuOf));
  return {
    transactions: Number(rows[0]?.transactions),
    postgresCpu: cpus.reduce((all, cpu) => all + cpu, 0),
  };
}

/** Counts the work of the stores between two moments. */
export function openCounters(sql: pg.Client, admin: Redis) {
  const totals = async (): Promise<Totals> => ({
    ...(await redisTotals(admin)),
    ...(await postgresTotals(sql)),
  });
  return {
    async begin() {
      const before = await totals();
      return {
        async per({ answers, deltas }: { answers: number; deltas: number }): Promise<Counts> {
          const after = await totals();
          const each = (name: keyof Totals, of: number) => (after[name] - before[name]) / of;
          return {
            deltas: deltas / answers,
            transactions: each('transactions', answers),
            postgresCpu: each('postgresCpu', answers),
            commands: each('commands', deltas),
            bytes: each('bytes', deltas),
            redisCpu: each('redisCpu', deltas),
          };
        },
      };
    },
  };
}
