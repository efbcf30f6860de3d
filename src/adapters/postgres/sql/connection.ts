import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { PostgresTarget, PostgresTls } from '../../../config/postgres-url.js';
import { StartProblem } from '../../../entities/errors.js';

/** Connection settings for pg and Sequelize. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  database: string;
  password?: string;
  application_name: string;
  /** Omitted: PGSSLMODE decides, as with libpq. */
  ssl?: boolean | ConnectionOptions;
  /** The schema. The driver passes no other option on. */
  options: string;
}

function read(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StartProblem(`DATABASE_URL: the file of ${parameter} cannot be read (${code})`, {
      cause,
    });
  }
}

function sslOf({ mode, authority, certificate, key }: PostgresTls): false | ConnectionOptions {
  if (mode === 'off') return false;
  return {
    rejectUnauthorized: mode === 'verified',
    ...(authority && { ca: read('sslrootcert', authority) }),
    ...(certificate && { cert: read('sslcert', certificate) }),
    ...(key && { key: read('sslkey', key) }),
  };
}

/** @throws StartProblem if a file of the target cannot be read */
export function connectionOf(target: PostgresTarget): Connection {
  const { host, port, user, database, password, tls, schema, applicationName } = target;
  return {
    ...{ host, port, user, database },
    ...(password !== null && { password }),
    ...(tls && { ssl: sslOf(tls) }),
    application_name: applicationName,
    options: schema,
  };
}
