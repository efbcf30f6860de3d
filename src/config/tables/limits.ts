import type { Variable } from '../variable.js';

const RATE = { type: 'integer', min: 1, max: 1_000_000 } as const;

/** Rates and concurrency; the first scales all others. */
export const LIMITS_TABLE = [
  {
    name: 'LIMIT_SCALE',
    type: 'number',
    min: 0,
    max: 10_000,
    default: '1',
    meaning:
      'Multiplies every rate and concurrency limit of users and nodes. 0 turns them off, for load tests.',
  },
  {
    name: 'REGISTER_PER_MINUTE',
    ...RATE,
    unit: '/min',
    default: '30',
    meaning: 'Registrations from one address.',
  },
  {
    name: 'LOGIN_PER_MINUTE',
    ...RATE,
    unit: '/min',
    default: '20',
    meaning: 'Logins from one address, and logins to one account.',
  },
  {
    name: 'REFRESH_PER_MINUTE',
    ...RATE,
    unit: '/min',
    default: '60',
    meaning: 'Refreshes from one address.',
  },
  {
    name: 'REQUESTS_PER_MINUTE',
    ...RATE,
    unit: '/min',
    default: '1200',
    meaning: 'REST requests of one user. Requests without a user count for their address.',
  },
  {
    name: 'HANDSHAKES_PER_MINUTE',
    ...RATE,
    unit: '/min',
    default: '300',
    meaning: 'Socket handshakes from one address.',
  },
  {
    name: 'MESSAGES_PER_MINUTE',
    ...RATE,
    unit: '/min',
    default: '60',
    meaning: 'Messages of one user.',
  },
  {
    name: 'EVENTS_PER_SECOND',
    ...RATE,
    unit: '/s',
    default: '50',
    meaning:
      'Socket events of one user. One socket may send twice as many packets. A burst may use the budget of ten seconds.',
  },
  {
    name: 'SOCKET_BYTES_PER_SECOND',
    type: 'integer',
    min: 1_024,
    max: 1_000_000_000,
    unit: 'bytes/s',
    default: '131072',
    meaning: 'Bytes that one socket may send. A burst may use the budget of ten seconds.',
  },
  {
    name: 'CONNECTIONS_PER_USER',
    ...RATE,
    default: '100',
    meaning: 'Sockets of one user on this node.',
  },
  {
    name: 'CONNECTIONS_PER_ADDRESS',
    ...RATE,
    default: '2000',
    meaning: 'Sockets from one address on this node.',
  },
  {
    name: 'ADDRESS_REQUESTS_PER_SECOND',
    ...RATE,
    unit: '/s',
    default: '1000',
    meaning:
      'Requests of any kind from one address to this node. Checked before every other limit.',
  },
  {
    name: 'IMPORT_MAX_MB',
    type: 'integer',
    min: 1,
    max: 100_000,
    unit: 'MiB',
    default: '1024',
    meaning:
      'Largest file of conversations that a user may import. It is kept in the directory for temporary files (`TMPDIR`) while it is read. `LIMIT_SCALE` does not apply.',
  },
] as const satisfies readonly Variable[];
