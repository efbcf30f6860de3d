import type { ModelWords } from '../../contract/admin.js';
import type { AuditEntry, AuditQuery } from '../../contract/audit.js';
import { LIMITS } from '../../contract/limits.js';
import { notFound } from '../../entities/errors.js';
import type { Page } from '../../ports/repositories/account-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';

const NONE: Page<AuditEntry> = { entries: [], nextCursor: null };

/** Records that administrators read and nobody changes. */
export class AdminRecords {
  #db: Pick<Database, 'audit' | 'accounts' | 'modelWords'>;

  constructor(db: Pick<Database, 'audit' | 'accounts' | 'modelWords'>) {
    this.#db = db;
  }

  /** Names that nobody has give an empty page. @throws AppError `validation_failed` for a foreign cursor */
  async audit({ actor, subject, ...query }: AuditQuery): Promise<Page<AuditEntry>> {
    const [actorId, subjectId] = await Promise.all([
      this.#idOf(actor, query.actor_id),
      this.#idOf(subject, query.subject_id),
    ]);
    if (actorId === null || subjectId === null) return NONE;
    return this.#db.audit.list({
      ...query,
      ...(actorId !== undefined && { actor_id: actorId }),
      ...(subjectId !== undefined && { subject_id: subjectId }),
      limit: query.limit ?? LIMITS.pageDefault,
    });
  }

  /** The model server's words about a failed answer that this user can read. @throws AppError `not_found` */
  async modelWords(userId: number, messageId: number): Promise<ModelWords> {
    const found = await this.#db.modelWords.of(messageId, userId);
    if (!found) throw notFound();
    return found;
  }

  /** The one id that both the name and the id allow; undefined: any, null: none. */
  async #idOf(
    name: string | undefined,
    id: number | undefined,
  ): Promise<number | null | undefined> {
    if (name === undefined) return id;
    const kind = name.includes('@') ? 'email' : 'username';
    const found = await this.#db.accounts.find({ kind, value: name });
    return found === null || (id !== undefined && id !== found.id) ? null : found.id;
  }
}
