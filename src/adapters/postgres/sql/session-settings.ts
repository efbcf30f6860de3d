/**
 * Settings that decide how values are read and written. They are sent in the startup packet, where they override
 * settings of the server, the database and the role. Poolers such as PgBouncer know them and keep them for each client.
 */
export const KEPT_BY_POOLERS = {
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
};

/** A limit of the role may be too short for the statement that would lift it. Poolers must be told to ignore these. */
export const startingLimits = ({ statementMs, idleMs }: SessionSettings) => ({
  statement_timeout: `${statementMs}`,
  idle_in_transaction_session_timeout: `${idleMs}`,
});

export interface SessionSettings {
  schema: string | undefined;
  /** 0: no limit. */
  statementMs: number;
  idleMs: number;
}

/** A setting and its value. With `instead`, it replaces only that other value; otherwise it replaces any. */
type Pin = readonly [name: string, value: string, instead?: string];

const pins = ({ schema = 'public', statementMs, idleMs }: SessionSettings): Pin[] => [
  ['search_path', schema],
  ['statement_timeout', `${statementMs}`],
  ['idle_in_transaction_session_timeout', `${idleMs}`],
  ['idle_session_timeout', '0'],
  ['transaction_timeout', '0'],
  ['lock_timeout', '0'],
  ['default_transaction_isolation', 'read committed'],
  ['default_transaction_deferrable', 'off'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['array_nulls', 'on'],
  ['transform_null_equals', 'off'],
  ['plan_cache_mode', 'auto'],
  // A refused statement is an answer; it must not end the connection.
  ['exit_on_error', 'off'],
  // Searches would leave out rows at random.
  ['gin_fuzzy_search_limit', '0'],
  // Compiling a plan takes longer than any of these statements may run.
  ['jit', 'off'],
  // A crash of Postgres must not lose what was acknowledged.
  ['synchronous_commit', 'local', 'off'],
  // Rows of deleted accounts would stay without triggers and foreign keys. Only a superuser can have set it.
  ['session_replication_role', 'origin'],
];

const quote = (text: string | undefined) =>
  text === undefined ? 'NULL' : `'${text.replaceAll("'", "''")}'`;

/** One statement that changes the settings that differ and that this version of Postgres knows. */
export function pinning(settings: SessionSettings): string {
  const rows = pins(settings).map((pin) => `(${[pin[0], pin[1], pin[2]].map(quote).join(', ')})`);
  const current = 'pg_catalog.current_setting(name, true)';
  return `SELECT pg_catalog.set_config(name, value, false) FROM (VALUES ${rows.join(', ')}) AS pins (name, value, instead)
    WHERE ${current} OPERATOR(pg_catalog.<>) value AND coalesce(${current} OPERATOR(pg_catalog.=) instead, true)`;
}
