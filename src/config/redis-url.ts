import { isIPv6 } from 'node:net';

export interface RedisHost {
  host: string;
  port: number;
}

/** The location of Redis and how to connect to it. */
export interface RedisTarget {
  kind: 'single' | 'cluster' | 'sentinel';
  hosts: [RedisHost, ...RedisHost[]];
  tls: boolean;
  username: string | null;
  password: string | null;
  db: number;
  /** The Sentinels' name of the master. */
  masterName: string;
  sentinelPassword: string | null;
}

const SHAPE = /^(rediss?):\/\/(?:([^@/?\s]*)@)?([^@/?\s]+)(?:\/(\d*))?(?:\?(\S*))?$/;
const HOST = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/;
const NAME = /^[\p{L}\p{N}._-]+$/u;
const OPTIONS = ['cluster', 'sentinel', 'sentinel_password'];
/** Options of other programs. Only these are named in a message: anything else may be part of a password. */
const FOREIGN =
  /^(db|database|user|username|password|family|protocol|timeout|tls|ssl\w*|\w*_timeout)$/;
const ENCODE =
  'percent-encode special characters in user and password (@ %40, : %3A, / %2F, ? %3F, % %25)';
const DEFAULT_PORT = { redis: 6_379, sentinel: 26_379 };
const EXAMPLES =
  'redis://host:6379/0, redis://h1:7000,h2:7000?cluster or redis://s1:26379,s2:26379/0?sentinel=mymaster';

/** The URL itself is never in the message: it may carry a password. */
const wrong = (problem: string) => new Error(`${problem}; expected ${EXAMPLES}`);

function decode(text: string | undefined): string | null {
  if (!text) return null;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Error('user or password is not percent-encoded', { cause });
  }
}

function parseHost(text: string, defaultPort: number): RedisHost {
  const [, ipv6, name, port] = HOST.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (!host || !(ipv6 ? isIPv6(ipv6) : NAME.test(host))) {
    throw wrong(`a host is not host:port: ${ENCODE}`);
  }
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535) throw wrong('a port is no number from 1 to 65535');
  return { host, port: number };
}

function parseOptions(query: string) {
  const options = new URLSearchParams(query);
  const unknown = [...options.keys()].find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    const name = FOREIGN.test(unknown) ? ` ${unknown}` : '';
    throw wrong(`unknown option${name} (${OPTIONS.join(', ')} are known)`);
  }
  const twice = OPTIONS.find((name) => options.getAll(name).length > 1);
  if (twice !== undefined) throw wrong(`${twice} is given twice`);
  if (!/^(true|1)?$/.test(options.get('cluster') ?? '')) throw wrong('cluster has no value');
  if (options.has('sentinel_password') && !options.has('sentinel')) {
    throw wrong('sentinel_password needs sentinel');
  }
  const masterName = options.get('sentinel');
  const isCluster = options.has('cluster');
  if (isCluster && masterName !== null) throw wrong('cluster and sentinel exclude each other');
  if (masterName === '') throw wrong("sentinel needs the master's name");
  const kind: RedisTarget['kind'] =
    masterName !== null ? 'sentinel' : isCluster ? 'cluster' : 'single';
  return { kind, masterName: masterName ?? '', sentinelPassword: options.get('sentinel_password') };
}

/**
 * `redis[s]://[user:password@]host[:port][,host[:port]...][/db][?cluster | ?sentinel=<master>[&sentinel_password=...]]`.
 * @throws Error that says what is wrong, without the URL.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const [, scheme, login = '', list = '', db = '', query = ''] = SHAPE.exec(url) ?? [];
  if (!scheme) throw wrong(`not a Redis URL: ${ENCODE}`);
  const options = parseOptions(query);
  const defaultPort = DEFAULT_PORT[options.kind === 'sentinel' ? 'sentinel' : 'redis'];
  const [first, ...others] = list.split(',').map((host) => parseHost(host, defaultPort));
  if (!first) throw wrong('no host');
  if (others.length > 0 && options.kind === 'single') {
    throw wrong('several hosts need ?cluster or ?sentinel=<master>');
  }
  if (options.kind === 'cluster' && Number(db) > 0) throw wrong('a Cluster has only database 0');
  if (db.length > 5) throw wrong('no such database');
  const [username, ...password] = login.split(':');
  if (username && !password.join(':')) throw wrong('a user needs a password');
  return {
    ...options,
    hosts: [first, ...others],
    tls: scheme === 'rediss',
    username: decode(username),
    password: decode(password.join(':')),
    db: Number(db),
  };
}

/** Describes the server in logs and messages, without the password. */
export const describeTarget = ({ kind, hosts }: RedisTarget): string =>
  `${kind === 'single' ? '' : `${kind} `}${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}`;
