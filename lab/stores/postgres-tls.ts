import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded/server.js';
import type { Certificates } from './certificates.js';
import { createClient } from './client.js';
import { dataLocation } from './data-location.js';
import { giveEmbeddedData } from './embedded-data.js';

export interface TlsPostgres {
  /** The URL with the host `localhost` and without `sslmode`. */
  url: string;
  stop(): Promise<void>;
}

/** The server itself writes the file, so that it owns it and nobody else may read it. */
async function write(admin: pg.Client, name: string, text: string): Promise<void> {
  const lines = text.trimEnd().split('\n').map(pg.escapeLiteral);
  const rows = `SELECT unnest(ARRAY[${lines.join(',')}])`;
  await admin.query(`COPY (${rows}) TO PROGRAM 'umask 077; cat > ${name}'`);
}

/** A Postgres that refuses connections without TLS. */
export async function startTlsPostgres(certificates: Certificates): Promise<TlsPostgres> {
  const root = await mkdtemp(join(dataLocation(), 'parley-pgtls-'));
  await chmod(root, 0o711);
  await giveEmbeddedData(join(root, 'data'));
  const logger = pino({ level: 'silent' });
  const server = await startEmbeddedPostgres({
    dataDir: join(root, 'data'),
    logger,
    durable: false,
  });
  const admin = createClient(server.url);
  await admin.connect();
  await write(admin, 'server.crt', await readFile(certificates.certificate, 'utf8'));
  await write(admin, 'server.key', await readFile(certificates.key, 'utf8'));
  await write(admin, 'pg_hba.conf', 'hostssl all all all scram-sha-256');
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
  return {
    url: Object.assign(new URL(server.url), { hostname: 'localhost' }).href,
    async stop() {
      await server.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
