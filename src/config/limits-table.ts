import type { Variable } from './variable.js';

/** Rates and places; all of them grow and shrink with the first. */
export const LIMITS_TABLE = [
  {
    name: 'LIMIT_SCALE',
    default: '1',
    description:
      'Multiplies every rate and concurrency limit of users and nodes; 0 turns them off, for load tests.',
  },
  { name: 'REGISTER_PER_MINUTE', default: '30', description: 'Registrations from one address.' },
  {
    name: 'LOGIN_PER_MINUTE',
    default: '20',
    description: 'Logins from one address, and to one account.',
  },
  { name: 'REFRESH_PER_MINUTE', default: '60', description: 'Refreshes from one address.' },
  {
    name: 'REQUESTS_PER_MINUTE',
    default: '1200',
    description: 'REST requests of one user; of one address where nobody is signed in.',
  },
  {
    name: 'HANDSHAKES_PER_MINUTE',
    default: '300',
    description: 'Socket handshakes from one address.',
  },
  { name: 'MESSAGES_PER_MINUTE', default: '60', description: 'Messages of one user.' },
  {
    name: 'EVENTS_PER_SECOND',
    default: '50',
    description: 'Socket events of one user; one socket may send twice as many packets.',
  },
  {
    name: 'SOCKET_BYTES_PER_SECOND',
    default: '131072',
    description: 'Bytes that one socket may send.',
  },
  {
    name: 'CONNECTIONS_PER_USER',
    default: '100',
    description: 'Sockets of one user on this node.',
  },
  {
    name: 'CONNECTIONS_PER_ADDRESS',
    default: '2000',
    description: 'Sockets from one address on this node.',
  },
  {
    name: 'ADDRESS_REQUESTS_PER_SECOND',
    default: '1000',
    description:
      'Requests of any kind from one address to this node, looked at before all other limits.',
  },
] as const satisfies readonly Variable[];
