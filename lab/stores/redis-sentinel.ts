import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.js';
import { type Program, startProgram } from '../nodes/program.js';
import { findRedisServer } from '../nodes/programs.js';
import type { Certificates } from './certificates.js';
import { freePort, onlyTls, startRedis, type TestRedis } from './redis.js';

export interface TestSentinel extends Program {
  port: number;
}

/** A master with a replica in sync, watched by Sentinels that know each other. */
export interface TestFailover {
  /** The URL with `?sentinel=`. */
  url: string;
  /** The master at the start. */
  master: TestRedis;
  replica: TestRedis;
  sentinels: readonly TestSentinel[];
  /** The server that all Sentinels take for the master now. A busy machine may have made them choose the replica. */
  currentMaster(): Promise<TestRedis>;
  stop(): Promise<void>;
}

const MASTER = 'mymaster';
/** A master that does not respond for this long counts as down. */
const DOWN_AFTER_MS = 500;

const untilTrue = (look: () => Promise<boolean>) => eventually(look, (found) => found);

async function withAdmin<T>(
  port: number,
  tls: Certificates | null,
  work: (admin: Redis) => Promise<T>,
): Promise<T> {
  const admin = new Redis(port, '127.0.0.1', {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    ...(tls && { tls: { ca: await readFile(tls.authority) } }),
  });
  admin.on('error', () => {});
  return work(admin).finally(() => admin.disconnect());
}

const settings = (masterPort: number, quorum: number) => `
sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} ${quorum}
sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}
sentinel failover-timeout ${MASTER} 5000
`;

/** A Sentinel writes its own configuration file. */
export async function startSentinel(
  masterPort: number,
  quorum = 1,
  tls: Certificates | null = null,
): Promise<TestSentinel> {
  const port = await freePort();
  const program = await startProgram({
    name: 'sentinel',
    command: (await findRedisServer()) ?? 'redis-server',
    async args(dir) {
      const file = join(dir, 'sentinel.conf');
      await writeFile(file, settings(masterPort, quorum));
      const listen = tls ? onlyTls(port, tls) : ['--port', String(port)];
      return [file, '--sentinel', '--bind', '127.0.0.1', '--dir', dir, ...listen];
    },
    ready: () => withAdmin(port, tls, (admin) => admin.ping()).then(() => {}),
  });
  return { ...program, port };
}

async function startServer(tls: Certificates | null, master?: TestRedis): Promise<TestRedis> {
  const port = await freePort();
  const following = master ? ['--replicaof', '127.0.0.1', String(master.port)] : [];
  return startRedis(port, [
    ...['--repl-diskless-sync-delay', '0'],
    ...(tls ? onlyTls(port, tls) : []),
    ...following,
  ]);
}

const inStep = (replica: TestRedis, tls: Certificates | null) =>
  withAdmin(replica.port, tls, (admin) =>
    untilTrue(async () => (await admin.info('replication')).includes('master_link_status:up')),
  );

/** The port of a master that runs, when the Sentinel sees the replica and all other Sentinels too. */
const masterAt = ({ port }: TestSentinel, others: number, tls: Certificates | null) =>
  withAdmin(port, tls, async (admin) => {
    const value = async () => {
      const pairs = (await admin.call('SENTINEL', 'MASTER', MASTER)) as string[];
      return (name: string) => pairs[pairs.indexOf(name) + 1];
    };
    const seen = await eventually(
      value,
      (found) =>
        found('flags') === 'master' &&
        found('num-slaves') === '1' &&
        found('num-other-sentinels') === String(others),
    );
    return Number(seen('port'));
  });

/** Three Sentinels, two of which decide. With `tls` all servers accept nothing else. */
export async function startRedisFailover(tls: Certificates | null = null): Promise<TestFailover> {
  const master = await startServer(tls);
  const replica = await startServer(tls, master);
  await inStep(replica, tls);
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(master.port, 2, tls)));
  const currentMaster = async () => {
    const ports = await eventually(
      () => Promise.all(sentinels.map((sentinel) => masterAt(sentinel, 2, tls))),
      (found) => new Set(found).size === 1,
    );
    return ports[0] === replica.port ? replica : master;
  };
  await currentMaster();
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    url: `${tls ? 'rediss' : 'redis'}://${hosts}?sentinel=${MASTER}`,
    master,
    replica,
    sentinels,
    currentMaster,
    async stop() {
      await Promise.all([...sentinels, replica, master].map((server) => server.stop()));
    },
  };
}
