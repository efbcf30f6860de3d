import pg from 'pg';
import { type Cluster, SUPERUSER } from './cluster.js';

/** Every process that uses an embedded server holds this lock, shared, for as long as it needs the server. */
const IN_USE = 7_201_312;

export interface Lease {
  /** Ends this process's use. True for the last user, which then locks out all others and must stop the server. */
  release(): Promise<boolean>;
  close(): Promise<void>;
}

const connection = (cluster: Cluster, port: number) =>
  new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: cluster.password,
    database: 'postgres',
    application_name: 'parley embedded',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });

async function holdIfOurs(client: pg.Client, cluster: Cluster): Promise<boolean> {
  await client.connect();
  const { rows } = await client.query('SHOW data_directory');
  if (rows[0]?.data_directory !== cluster.dir) return false;
  await client.query('SELECT pg_advisory_lock_shared($1)', [IN_USE]);
  return true;
}

async function isLast(client: pg.Client): Promise<boolean> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [IN_USE]);
  const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS last', [IN_USE]);
  return rows[0]?.last === true;
}

/**
 * Registers as a user of the server at `port`. Null if it does not respond or serves other data. `onLost` is called
 * when the server goes away.
 */
export async function takeLease(
  cluster: Cluster,
  port: number,
  onLost: () => void,
): Promise<Lease | null> {
  const client = connection(cluster, port);
  let given = false;
  client.on('error', () => {});
  client.on('end', () => given && onLost());
  const close = async () => {
    given = false;
    await client.end().catch(() => {});
  };
  if (!(await holdIfOurs(client, cluster).catch(() => false))) {
    await close();
    return null;
  }
  given = true;
  return {
    close,
    release: () => {
      given = false;
      return isLast(client).catch(() => false);
    },
  };
}

/** Creates the product's database on first use. */
export async function ensureDatabase(cluster: Cluster, port: number, name: string): Promise<void> {
  const client = connection(cluster, port);
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    const raced =
      error instanceof pg.DatabaseError && ['42P04', '23505'].includes(error.code ?? '');
    if (!raced) throw error;
  } finally {
    await client.end();
  }
}
