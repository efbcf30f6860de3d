import type { ModelWords } from '../../../contract/admin.js';
import type { ModelWordsRepository } from '../../../ports/repositories/model-words-repository.js';
import type { Sql } from '../sql/sql.js';

/** The words of an earlier attempt say nothing about the end. Binds: message, user. */
const OF = `
  SELECT w.message_id, w.words FROM model_words w
  JOIN messages m ON m.id = w.message_id AND m.attempt = w.attempt
  JOIN conversations c ON c.id = m.conversation_id
  WHERE w.message_id = $1 AND m.error IS NOT NULL AND m.deleted_at IS NULL AND c.deleted_at IS NULL
    AND EXISTS (SELECT FROM conversation_members cm WHERE cm.conversation_id = c.id AND cm.user_id = $2)`;

/** Nodes that prune at the same time skip each other's rows. */
const PRUNE = `
  DELETE FROM model_words WHERE message_id IN (
    SELECT message_id FROM model_words WHERE created_at < now() - interval '30 days'
    ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)`;

export const createModelWordsRepository = (sql: Sql): ModelWordsRepository => ({
  of: (messageId, userId) => sql.one<ModelWords>(OF, [messageId, userId]),
  prune: (rows) => sql.run(PRUNE, [rows]),
});
