import type {
  Deployment,
  DeploymentRepository,
} from '../../../ports/repositories/deployment-repository.js';
import type { Sql } from '../sql/sql.js';

/** A copy of the server's files has the same history, but another start of Postgres serves it. */
const READ = `
  SELECT d.id, concat_ws(' ', d.history_id, extract(epoch FROM pg_postmaster_start_time()), o.oid) AS location
  FROM deployment d, pg_database o WHERE o.datname = current_database()`;

/** A node of an earlier release may have made an account without a mark. */
const IS_UNUSED = `
  SELECT first_account_at IS NULL AND NOT EXISTS (SELECT FROM users) AS unused FROM deployment`;

const MARK_USED = 'UPDATE deployment SET first_account_at = now() WHERE first_account_at IS NULL';

export function createDeploymentRepository(sql: Sql): DeploymentRepository {
  return {
    async read() {
      const deployment = await sql.one<Deployment>(READ);
      if (!deployment) throw new Error('the table deployment has lost its row');
      return deployment;
    },

    async isUnused() {
      return (await sql.one<{ unused: boolean }>(IS_UNUSED))?.unused === true;
    },

    async markUsed() {
      await sql.run(MARK_USED);
    },
  };
}
