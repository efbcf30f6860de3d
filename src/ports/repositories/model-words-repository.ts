import type { ModelWords } from '../../contract/admin.js';

/** The words of model servers about answers that failed. They may quote texts of users. */
export interface ModelWordsRepository {
  /** Null: the user cannot read the message, it did not fail, or nothing is kept. */
  of(messageId: number, userId: number): Promise<ModelWords | null>;
  /** Deletes at most `rows` that are older than a month. Returns their number. */
  prune(rows: number): Promise<number>;
}
