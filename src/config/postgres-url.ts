import { isIPv6 } from 'node:net';

/** `verified`: the server's certificate must be valid and match its name. Files are named here, and read later. */
export interface PostgresTls {
  mode: 'off' | 'unverified' | 'verified';
  authority: string | null;
  certificate: string | null;
  key: string | null;
}

/** The location of Postgres and how to connect to it. */
export interface PostgresTarget {
  /** A name, an address, or the directory of a socket. */
  host: string;
  port: number;
  user: string;
  password: string | null;
  database: string;
  /** Null if the address does not name one. */
  tls: PostgresTls | null;
  /** The schema of the product's tables. */
  schema: string;
  applicationName: string;
}

const SHAPE =
  /^postgres(?:ql)?:\/\/(?:([^@/?#\s]*)@)?([^@/?#\s]*)(?:\/([^@/?#\s]*))?(?:\?([^#\s]*))?$/;
const HOST = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{0,5}))?$/;
const NAME = /^[\p{L}\p{N}._-]+$/u;
const SCHEMA = /^(?:-c\s*|--)search_path=([a-z_][a-z0-9_]*)$/;
const CONTROL = /\p{Cc}/u;

const OPTIONS = [
  ...['host', 'port', 'user', 'password', 'dbname', 'application_name', 'options'],
  ...['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'client_encoding'],
];
/**
 * Parameters of libpq and other drivers. Only these are named in a message: anything else may be part of a password.
 */
const FOREIGN =
  /^(channel_binding|connect_timeout|connection_limit|fallback_application_name|gssencmode|hostaddr|keepalives\w*|load_balance_hosts|passfile|pgbouncer|pool_timeout|replication|require_auth|schema|search_path|service|sslcompression|sslcrl\w*|sslnegotiation|sslpassword|sslsni|statement_timeout|target_session_attrs|tcp_user_timeout|uselibpqcompat)$/;
/** Postgres cuts longer names, and would connect to a database whose name is their beginning. */
const MAX_NAME_BYTES = 63;
const ENCODE =
  'percent-encode special characters in user, password and database (@ %40, : %3A, / %2F, ? %3F, # %23, % %25)';

/** The URL itself is never in the message: it may carry a password. */
const wrong = (problem: string) =>
  new Error(`${problem}; expected postgres://user:password@host:5432/database`);

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw wrong(`a % is not followed by two hexadecimal digits: ${ENCODE}`);
  }
  if (CONTROL.test(decoded)) throw wrong('contains a control character');
  return decoded;
}

function parseOptions(query: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split('&').filter(Boolean)) {
    const [name = '', ...value] = part.split('=');
    if (!OPTIONS.includes(name)) {
      const named = FOREIGN.test(name) ? `the parameter ${name}` : 'a parameter after the ?';
      throw wrong(`${named} is not supported (${OPTIONS.join(', ')} are)`);
    }
    if (options.has(name)) throw wrong(`the parameter ${name} is given twice`);
    options.set(name, decode(value.join('=')));
  }
  return options;
}

/** The value from its place in the URL or from a parameter, never both. */
function either(name: string, inPlace: string, options: Map<string, string>): string {
  const option = options.get(name) ?? '';
  if (inPlace !== '' && option !== '') throw wrong(`${name} is given twice`);
  return inPlace || option;
}

function parsePort(text: string): number {
  const port = text === '' ? 5_432 : Number(text);
  if (/^\d*$/.test(text) && port > 0 && port < 65_536) return port;
  throw wrong('the port is not a number from 1 to 65535');
}

function parseHost(text: string, options: Map<string, string>): { host: string; port: number } {
  if (`${text}${options.get('host') ?? ''}`.includes(',')) {
    throw wrong('names several hosts: give the one address that follows the primary');
  }
  const parts = HOST.exec(text);
  if (!parts) throw wrong(`the host is not host:port: ${ENCODE}`);
  const [, ipv6, name = '', port = ''] = parts;
  const host = either('host', ipv6 ? decode(ipv6) : decode(name), options);
  if (host === '') {
    throw wrong('names no host (a socket: postgres://user@/database?host=/var/run/postgresql)');
  }
  if (!host.startsWith('/') && !isIPv6(host) && !NAME.test(host)) {
    throw wrong(`the host is not a host name: ${ENCODE}`);
  }
  return { host, port: parsePort(either('port', port, options)) };
}

const MODES: Record<string, PostgresTls['mode'] | undefined> = {
  disable: 'off',
  'no-verify': 'unverified',
  require: 'verified',
  'verify-ca': 'verified',
  'verify-full': 'verified',
};
const SWITCHES: Record<string, PostgresTls['mode'] | undefined> = {
  ...{ true: 'verified', '1': 'verified', false: 'off', '0': 'off', 'no-verify': 'unverified' },
};

function modeOf(options: Map<string, string>, hasFiles: boolean): PostgresTls['mode'] | null {
  const [mode, ssl] = [options.get('sslmode'), options.get('ssl')];
  if (mode !== undefined && ssl !== undefined) throw wrong('give sslmode or ssl, not both');
  if (mode !== undefined) {
    const known = MODES[mode];
    if (!known) throw wrong(`sslmode must be one of ${Object.keys(MODES).join(', ')}`);
    return known;
  }
  if (ssl === undefined) return hasFiles ? 'verified' : null;
  const known = SWITCHES[ssl];
  if (!known) throw wrong('ssl must be true, false or no-verify');
  return known;
}

function parseTls(options: Map<string, string>, host: string): PostgresTls | null {
  const file = (name: string) => options.get(name) || null;
  const authority = file('sslrootcert') === 'system' ? null : file('sslrootcert');
  const [certificate, key] = [file('sslcert'), file('sslkey')];
  const hasFiles = ['sslrootcert', 'sslcert', 'sslkey'].some((name) => file(name) !== null);
  const mode = modeOf(options, hasFiles);
  if (mode === null) return null;
  if (mode === 'off' && hasFiles) throw wrong('names TLS files but disables TLS');
  if (mode !== 'off' && host.startsWith('/')) throw wrong('asks for TLS on a socket');
  if ((certificate === null) !== (key === null)) throw wrong('sslcert and sslkey need each other');
  return { mode, authority, certificate, key };
}

function parseSchema(options: Map<string, string>): string {
  const given = options.get('options');
  if (!given) return 'public';
  const schema = SCHEMA.exec(given.trim())?.[1];
  if (!schema) throw wrong('options may only be -csearch_path=<schema>, in lowercase letters');
  return schema;
}

/**
 * `postgres[ql]://user[:password]@host[:port]/database[?parameter=value[&...]]`, where parameters have the meaning of
 * libpq.
 * @throws Error that names the problem, without the URL.
 */
export function parsePostgresUrl(url: string): PostgresTarget {
  const parts = SHAPE.exec(url);
  if (!parts) throw wrong(`is not the address of a Postgres server: ${ENCODE}`);
  const [, login = '', place = '', path = '', query = ''] = parts;
  const options = parseOptions(query);
  const { host, port } = parseHost(place, options);
  const [name = '', ...secret] = login.split(':');
  const user = either('user', decode(name), options);
  const database = either('dbname', decode(path), options);
  if (user === '') throw wrong('names no user');
  if (database === '') throw wrong('names no database');
  const schema = parseSchema(options);
  for (const [what, given] of Object.entries({ user, database, schema })) {
    if (Buffer.byteLength(given) > MAX_NAME_BYTES)
      throw wrong(`the ${what} is longer than 63 bytes`);
  }
  if (!/^(utf-?8|auto)?$/i.test(options.get('client_encoding') ?? '')) {
    throw wrong('client_encoding must be UTF8');
  }
  return {
    ...{ host, port, user, database },
    password: either('password', decode(secret.join(':')), options) || null,
    tls: parseTls(options, host),
    schema,
    applicationName: options.get('application_name') || 'parley',
  };
}

/** Describes the server in logs and messages, without the password. */
export const describePostgres = ({ host, port }: PostgresTarget): string =>
  host.includes(':') ? `[${host}]:${port}` : host.startsWith('/') ? host : `${host}:${port}`;
