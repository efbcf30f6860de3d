import type { AuditEntry, AuditQuery } from '../../contract/audit.js';
import { LIMITS } from '../../contract/limits.js';
import type { Page } from '../../ports/account-repository.js';
import type { Database } from '../../ports/repositories.js';

/** Records that administrators read and nobody changes. */
export class AdminRecords {
  #db: Pick<Database, 'audit'>;

  constructor(db: Pick<Database, 'audit'>) {
    this.#db = db;
  }

  /** @throws AppError `validation_failed` for a foreign cursor */
  audit(query: AuditQuery): Promise<Page<AuditEntry>> {
    return this.#db.audit.list({ ...query, limit: query.limit ?? LIMITS.pageDefault });
  }
}
