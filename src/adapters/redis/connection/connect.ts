import { describeTarget, type RedisTarget } from '../../../config/redis-url.js';
import { afterReads } from '../../../domain/after-reads.js';
import type { Logger } from '../../../domain/logger.js';
import { StartProblem } from '../../../entities/errors.js';
import { openNode, type RedisClient } from './clients.js';
import { explain, isHopeless, tellsNothing } from './connect-problem.js';

const OLDEST = 7;
const REASON_WITHIN_MS = 1_000;

/** @throws Error with the address and the reason if `client` is not ready in time */
export async function connectWithin(
  client: RedisClient,
  target: RedisTarget,
  withinMs: number,
): Promise<void> {
  const problem = await problemOf(client, withinMs);
  if (problem === null) return chooseDatabase(client, target);
  const why = explain(tellsNothing(problem) ? await reasonOf(target, problem) : problem, target);
  throw new StartProblem(`Redis at ${describeTarget(target)} cannot be reached: ${why}`, {
    cause: problem,
  });
}

/** The client has selected the database too, but would continue in database 0 if that is refused. */
async function chooseDatabase(client: RedisClient, target: RedisTarget): Promise<void> {
  if (target.kind === 'cluster') return;
  await client.select(target.db).catch((cause: Error) => {
    const where = `Redis at ${describeTarget(target)}`;
    const remedy = 'name another one in REDIS_URL, or allow more with the setting databases';
    throw new StartProblem(`${where} refuses database ${target.db}: ${cause.message}; ${remedy}`, {
      cause,
    });
  });
}

/** Clients of a Cluster or of Sentinels do not report why a connection was closed; a plain one does. */
async function reasonOf(target: RedisTarget, otherwise: unknown): Promise<unknown> {
  const asSentinel = { ...target, username: null, password: target.sentinelPassword };
  const node = openNode(target.kind === 'sentinel' ? asSentinel : target, target.hosts[0]);
  const reason = await problemOf(node, REASON_WITHIN_MS);
  node.disconnect();
  return reason ?? otherwise;
}

/** Errors that say less than the error before them. */
const SUMMARY = /^All sentinels are unreachable/;

/** Null if it is ready. */
async function problemOf(client: RedisClient, withinMs: number): Promise<unknown> {
  let last: unknown = new Error('no answer');
  let cancel = () => {};
  let onError = (_error: Error) => {};
  const problem = await new Promise<unknown>((resolve) => {
    onError = (error) => {
      if (!SUMMARY.test(error.message)) last = error;
      if (isHopeless(error)) resolve(error);
    };
    cancel = afterReads(() => resolve(last), withinMs);
    client.once('ready', () => resolve(null));
    for (const event of ['error', 'sentinelError']) client.on(event, onError);
    client.connect().catch(() => {});
  });
  cancel();
  for (const event of ['error', 'sentinelError']) client.off(event, onError);
  return problem;
}

/** @throws Error if the server is too old. Warns about settings that risk avoidable losses */
export async function checkServer(client: RedisClient, logger: Logger): Promise<void> {
  const info = await client.info('server');
  const version = /^redis_version:(\d+)\.(\S+)/m.exec(info);
  if (!version) throw new StartProblem('Redis does not tell its version');
  if (Number(version[1]) < OLDEST) {
    throw new StartProblem(
      `Redis ${version[1]}.${version[2]} is too old: ${OLDEST}.0 or newer is needed`,
    );
  }
  const policy = await setting(client, 'maxmemory-policy');
  if (policy !== null && policy !== 'noeviction') {
    logger.warn({ policy }, 'redis may evict live logs: set maxmemory-policy to noeviction');
  }
  const isCluster = /^redis_mode:cluster/m.test(info);
  if (isCluster && (await setting(client, 'cluster-require-full-coverage')) === 'yes') {
    logger.warn(
      {},
      'one lost master stops the whole cluster: set cluster-require-full-coverage to no',
    );
  }
}

/** Null if CONFIG is forbidden, as at some hosts. */
async function setting(client: RedisClient, name: string): Promise<string | null> {
  try {
    const reply = await client.config('GET', name);
    return Array.isArray(reply) ? String(reply[1]) : null;
  } catch {
    return null;
  }
}
