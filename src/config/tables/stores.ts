import type { Variable } from '../variable.js';

/** Postgres and Redis. */
export const STORES_TABLE = [
  {
    name: 'DATABASE_URL',
    type: 'url',
    default: '',
    meaning:
      '`postgres://user:password@host/database`, with `?sslmode=verify-full` for TLS. Empty: an embedded Postgres in the data directory.',
  },
  {
    name: 'DB_POOL_MAX',
    type: 'integer',
    min: 3,
    max: 1_000,
    default: '20',
    meaning: 'Most database connections of this node.',
  },
  {
    name: 'AUDIT_RETENTION_DAYS',
    type: 'integer',
    min: 0,
    max: 36_500,
    unit: 'days',
    default: '365',
    meaning: 'How long entries of the audit log are kept: at least 30 days. 0: forever.',
  },
  {
    name: 'REDIS_URL',
    type: 'url',
    default: '',
    meaning:
      '`redis://host:6379`, `rediss://` for TLS, `redis://h1:p,h2:p?cluster`, or `redis://s1,s2/0?sentinel=name`. Empty: the memory engine, for a single node.',
  },
  {
    name: 'REDIS_KEY_PREFIX',
    type: 'text',
    default: 'parley:',
    meaning: "Prefix of every key and channel. The deployment's id follows it.",
  },
  {
    name: 'REDIS_COMMAND_TIMEOUT_MS',
    type: 'integer',
    min: 10,
    max: 60_000,
    unit: 'ms',
    default: '500',
    meaning: 'How long the node waits for a reply of Redis before it continues without it.',
  },
  {
    name: 'PRESENCE_TTL_SECONDS',
    type: 'integer',
    min: 1,
    max: 3_600,
    unit: 's',
    default: '30',
    meaning: 'How long users of a dead node may still be shown as present.',
  },
] as const satisfies readonly Variable[];
