import { describePostgres, type PostgresTarget } from '../../config/postgres-url.js';
import { StartProblem } from '../../entities/errors.js';
import { KEPT_BY_POOLERS } from './sql/session-settings.js';
import type { Sql } from './sql/sql.js';

const OLDEST = 15;

interface Facts {
  version: string;
  major: number;
  encoding: string;
  standby: boolean;
  readOnly: boolean;
  searchPath: string;
  exists: boolean;
  mayCreate: boolean;
  /** Another schema that holds the product's tables, when this one holds none. */
  elsewhere: string | null;
  /** Pinned settings of the session that differ. */
  loose: string[];
}

/** Binds: schema, names and values of settings. */
const FACTS = `
  SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer / 10000 AS major,
    current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only')::boolean AS "readOnly", current_setting('search_path') AS "searchPath",
    to_regnamespace($1) IS NOT NULL AS exists,
    coalesce(has_schema_privilege(to_regnamespace($1), 'USAGE')
      AND has_schema_privilege(to_regnamespace($1), 'CREATE'), false) AS "mayCreate",
    (SELECT n.nspname FROM pg_class m JOIN pg_class g ON g.relnamespace = m.relnamespace
      JOIN pg_namespace n ON n.oid = m.relnamespace
      WHERE m.relname = 'SequelizeMeta' AND g.relname = 'generations' AND m.relkind = 'r' AND g.relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_class o WHERE o.relnamespace = to_regnamespace($1) AND o.relname = 'SequelizeMeta')
      LIMIT 1) AS elsewhere,
    ARRAY(SELECT name FROM unnest($2::text[], $3::text[]) AS pinned (name, value)
      WHERE current_setting(name) <> value)::text[] AS loose`;

function problemOf(facts: Facts, { user, database, schema }: PostgresTarget): string | null {
  const { version, major, encoding } = facts;
  if (major < OLDEST) return `is PostgreSQL ${version}: ${OLDEST} or newer is needed`;
  if (encoding !== 'UTF8') {
    return `keeps the database ${database} in ${encoding}: create one with ENCODING 'UTF8' TEMPLATE template0`;
  }
  if (facts.standby) return 'is a standby, which is read-only: use the address of the primary';
  if (facts.readOnly) {
    return 'is read-only: set default_transaction_read_only to off for the database and the user';
  }
  const loose = facts.searchPath === schema ? facts.loose : ['search_path', ...facts.loose];
  if (loose.length > 0) {
    return `does not keep ${loose.join(', ')} for a session: make the pooler keep sessions, or set them for the user`;
  }
  if (!facts.exists) return `has no schema ${schema} in the database ${database}: create it`;
  if (facts.elsewhere !== null) {
    return (
      `has the tables in schema ${facts.elsewhere}, not in ${schema}: move them, ` +
      `or add ?options=-csearch_path=${facts.elsewhere} to DATABASE_URL`
    );
  }
  if (facts.mayCreate) return null;
  return `does not let ${user} create tables: GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${user}`;
}

/** @throws StartProblem if the product cannot work on this server, before anything is written */
export async function checkServer(sql: Sql, target: PostgresTarget): Promise<void> {
  const { client_encoding: _, ...kept } = KEPT_BY_POOLERS;
  const bind = [target.schema, Object.keys(kept), Object.values(kept)];
  const facts = await sql.one<Facts>(FACTS, bind);
  const problem = facts && problemOf(facts, target);
  if (problem) throw new StartProblem(`Postgres at ${describePostgres(target)} ${problem}`);
}
