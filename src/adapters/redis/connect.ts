import type { Logger } from '../../domain/logger.js';
import type { RedisClient } from './clients.js';

const OLDEST = 7;
/** Nothing that another attempt would change. */
const HOPELESS = /WRONGPASS|NOAUTH|NOPERM/;

/** @throws Error with `where` and the last problem when `client` is not ready in time. */
export async function connectWithin(
  client: RedisClient,
  where: string,
  withinMs: number,
): Promise<void> {
  const problem = await problemOf(client, withinMs);
  if (problem === null) return;
  const detail = problem instanceof Error ? problem.message : String(problem);
  throw new Error(`Redis at ${where} cannot be reached: ${detail || 'connection refused'}`, {
    cause: problem,
  });
}

/** Null when it is ready. */
async function problemOf(client: RedisClient, withinMs: number): Promise<unknown> {
  let last: unknown = new Error('no answer');
  let timer: NodeJS.Timeout | undefined;
  let onError = (_error: unknown) => {};
  const problem = await new Promise<unknown>((resolve) => {
    onError = (error) => {
      last = error;
      if (HOPELESS.test(String(error))) resolve(error);
    };
    timer = setTimeout(() => resolve(last), withinMs);
    client.once('ready', () => resolve(null));
    client.on('error', onError);
    client.connect().catch(() => {});
  });
  clearTimeout(timer);
  client.off('error', onError);
  return problem;
}

/** @throws Error when the server is too old. Warns when it may drop keys for want of memory. */
export async function checkServer(client: RedisClient, logger: Logger): Promise<void> {
  const version = /^redis_version:(\d+)\.(\S+)/m.exec(await client.info('server'));
  if (!version) throw new Error('Redis does not tell its version');
  if (Number(version[1]) < OLDEST) {
    throw new Error(`Redis ${version[1]}.${version[2]} is too old: ${OLDEST}.0 or newer is needed`);
  }
  const policy = await evictionPolicy(client);
  if (policy !== null && policy !== 'noeviction') {
    logger.warn({ policy }, 'redis may evict live logs: set maxmemory-policy to noeviction');
  }
}

/** Hosted servers may forbid CONFIG. */
async function evictionPolicy(client: RedisClient): Promise<string | null> {
  try {
    const reply = await client.config('GET', 'maxmemory-policy');
    return Array.isArray(reply) ? String(reply[1]) : null;
  } catch {
    return null;
  }
}
