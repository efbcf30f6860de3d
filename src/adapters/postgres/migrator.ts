import { QueryTypes, type Sequelize } from 'sequelize';
import { migrationNames } from './migration-names.js';

const APPLIED = 'SELECT name FROM "SequelizeMeta"';

/** Whether nothing is pending; false where that cannot be read, because the table is missing for example. */
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
 * Applies what is pending and returns the names. A migration is one multi-statement query and so one
 * transaction: it is applied whole or not at all. What runs migrations is loaded only where there is work for it.
 */
export async function migrateUp(sequelize: Sequelize): Promise<string[]> {
  if (await isCurrent(sequelize)) return [];
  const { runUp } = await import('./migration-run.js');
  return runUp(sequelize);
}

/** Takes all migrations back, newest first, and returns their names. */
export async function migrateDown(sequelize: Sequelize): Promise<string[]> {
  const { runDown } = await import('./migration-run.js');
  return runDown(sequelize);
}
