import { QueryTypes, type Sequelize } from 'sequelize';
import { migrationNames } from './migration-names.js';

const APPLIED = 'SELECT name FROM "SequelizeMeta"';

/** Whether nothing is pending. False if that cannot be read, for example because the table is missing. */
async function isCurrent(sequelize: Sequelize): Promise<boolean> {
  try {
    const rows = await sequelize.query<{ name: string }>(APPLIED, { type: QueryTypes.SELECT });
    const applied = new Set(rows.map(({ name }) => name));
    return (await migrationNames()).every((name) => applied.has(name));
  } catch {
    return false;
  }
}

/**
 * Applies pending migrations, and returns their names. Each is one multi-statement query and so one transaction: it
 * is applied as a whole or not at all. The code that runs migrations is loaded only if there is work for it.
 */
export async function migrateUp(sequelize: Sequelize): Promise<string[]> {
  if (await isCurrent(sequelize)) return [];
  const { runUp } = await import('./migration-run.js');
  return runUp(sequelize);
}

/** Reverts all migrations, newest first, and returns their names. */
export async function migrateDown(sequelize: Sequelize): Promise<string[]> {
  const { runDown } = await import('./migration-run.js');
  return runDown(sequelize);
}
