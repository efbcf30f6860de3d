import type { Sql } from '../../src/adapters/postgres/sql/sql.js';

/** The table of applied migrations is not part of it. */
const OWN = "'public'::regnamespace";

/** Everything that a migration can leave behind, one line for each. */
export async function describeSchema(sql: Sql): Promise<string[]> {
  const found = await sql.rows<{ line: string }>(
    `SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'SequelizeMeta'
     UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
     FROM pg_constraint WHERE connamespace = ${OWN} AND conrelid::regclass::text !~ 'SequelizeMeta'
     UNION ALL SELECT 'index ' || indexdef FROM pg_indexes
     WHERE schemaname = 'public' AND tablename <> 'SequelizeMeta'
     UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT 'function ' || proname || prosrc FROM pg_proc WHERE pronamespace = ${OWN}
     UNION ALL SELECT 'type ' || typname FROM pg_type
     WHERE typnamespace = ${OWN} AND typname !~ 'SequelizeMeta'
     UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
     ORDER BY 1`,
  );
  return found.map(({ line }) => line);
}
