import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisHost, RedisTarget } from '../../../config/redis-url.js';

export type RedisClient = Redis | Cluster;

const RETRY = { firstMs: 50, mostMs: 1_000 };
const CONNECT_TIMEOUT_MS = 2_000;
/** Do not wait for a Sentinel that accepts connections but stays silent: ask the others. */
const SENTINEL_TIMEOUT_MS = 1_000;
/** A connection that the other side does not close within this time is cut. */
const DISCONNECT_TIMEOUT_MS = 300;
const KEEP_ALIVE_MS = 5_000;
const SLOTS_REFRESH_MS = 5_000;
const MAX_REDIRECTIONS = 4;

/** Capped exponential backoff. The jitter keeps nodes from reconnecting in step. */
export function retryDelay(times: number): number {
  const delay = Math.min(RETRY.firstMs * 2 ** Math.min(times, 10), RETRY.mostMs);
  return Math.round(delay * (0.5 + Math.random() / 2));
}

/**
 * ioredis must not queue, resend or resubscribe on its own: a command fails when its connection does, and the engine
 * decides what that means. No promise is left to ioredis alone, because its rejections could end the process.
 */
const DIRECT = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
} satisfies RedisOptions;

function login({ username, password, tls }: RedisTarget): RedisOptions {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    disableClientInfo: true,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls && { tls: {} }),
  };
}

function singleOptions(target: RedisTarget): RedisOptions {
  const common = { ...login(target), db: target.db, retryStrategy: retryDelay };
  if (target.kind !== 'sentinel') return { ...common, ...target.hosts[0] };
  const { sentinelPassword } = target;
  return {
    ...common,
    sentinels: target.hosts,
    name: target.masterName,
    sentinelRetryStrategy: retryDelay,
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    enableTLSForSentinelMode: target.tls,
    ...(sentinelPassword !== null && { sentinelPassword }),
    ...(target.tls && { sentinelTLS: {} }),
  };
}

/**
 * Cuts a connection that may be dead without a sign, so that it is replaced. A connection that is still being made
 * has its own deadlines, and ioredis would never retry it.
 */
export function cut(client: RedisClient): void {
  if (client.status === 'ready' || client.status === 'connect') client.disconnect(true);
}

export const openSingle = (target: RedisTarget): Redis =>
  new Redis({ ...singleOptions(target), ...DIRECT });

/** A connection to one master of a Cluster. */
export const openNode = (target: RedisTarget, node: RedisHost): Redis =>
  new Redis({ ...login(target), ...node, ...DIRECT, retryStrategy: retryDelay });

/** Certificates name hosts, so an address that ioredis resolved itself would not match. */
const names = ({ tls }: RedisTarget): ClusterOptions =>
  tls ? { dnsLookup: (name, callback) => callback(null, name) } : {};

/** A command on a dead connection is not resent: it may have been applied. */
export function openCluster(target: RedisTarget): Cluster {
  return new Cluster(target.hosts, {
    ...names(target),
    redisOptions: { ...login(target), autoResendUnfulfilledCommands: false },
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 0,
    maxRedirections: MAX_REDIRECTIONS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
  });
}

/** Catches every rejection: the Socket.IO adapter awaits none of its commands. */
class QuietRedis extends Redis {
  override sendCommand(...args: Parameters<Redis['sendCommand']>) {
    args[0].promise.catch(() => {});
    return super.sendCommand(...args);
  }
}

class QuietCluster extends Cluster {
  override sendCommand(...args: Parameters<Cluster['sendCommand']>) {
    args[0].promise.catch(() => {});
    return super.sendCommand(...args);
  }
}

const ADAPTER_CLUSTER = { lazyConnect: true, clusterRetryStrategy: retryDelay };

/** The Socket.IO adapter publishes with it: publications fail at once in an outage. */
export function openAdapterPublisher(target: RedisTarget, commandTimeout: number): RedisClient {
  const direct = { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout };
  if (target.kind !== 'cluster') {
    return new QuietRedis({ ...singleOptions(target), ...direct, lazyConnect: true });
  }
  return new QuietCluster(target.hosts, {
    ...names(target),
    ...ADAPTER_CLUSTER,
    enableOfflineQueue: false,
    retryDelayOnFailover: 0,
    redisOptions: { ...login(target), commandTimeout },
  });
}

/** The Socket.IO adapter subscribes with it: subscriptions wait for the connection and are restored with it. */
export function openAdapterSubscriber(target: RedisTarget): RedisClient {
  const patient = { maxRetriesPerRequest: null };
  if (target.kind !== 'cluster') {
    return new QuietRedis({ ...singleOptions(target), ...patient, lazyConnect: true });
  }
  return new QuietCluster(target.hosts, {
    ...names(target),
    ...ADAPTER_CLUSTER,
    redisOptions: { ...login(target), ...patient },
  });
}
