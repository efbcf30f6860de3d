import type { Sequelize } from 'sequelize';
import { createConversationRepository } from '../../src/adapters/postgres/conversations/conversation-repository.js';
import { createMessageRepository } from '../../src/adapters/postgres/conversations/message-repository.js';
import { lazySearchLetters } from '../../src/adapters/postgres/conversations/search-letters.js';
import { createCompletionRepository } from '../../src/adapters/postgres/queue/completion-repository.js';
import { createGenerationRepository } from '../../src/adapters/postgres/queue/generation-repository.js';
import { createSql, type Transact, transaction } from '../../src/adapters/postgres/sql/sql.js';

/** Rows for tests of the queue, created directly: without services or limits. */
export function createTurns(sequelize: Sequelize) {
  const sql = createSql(sequelize);
  const transact: Transact = (work) => transaction(sequelize, work);
  const conversations = createConversationRepository(sql, transact, lazySearchLetters());
  const messages = createMessageRepository(sql);
  const generations = createGenerationRepository(sql, transact);
  const completions = createCompletionRepository(sql, transact);
  let users = 0;

  const user = async (): Promise<number> => {
    users += 1;
    const row = await sql.one<{ id: number }>(
      'INSERT INTO users (email, username, password_hash) VALUES ($1, $2, $3) RETURNING id',
      [`u${users}@example.com`, `u${users}`, '-'],
    );
    return row?.id ?? 0;
  };

  const conversation = async (userId: number): Promise<number> =>
    (await conversations.create(userId, { title: 'Test' })).id;

  /** A question with its queued answer, below the active leaf. */
  const ask = async (userId: number, conversationId: number, content = 'question') => {
    const leaf = (await conversations.find(conversationId, userId))?.active_message_id ?? null;
    return messages.createTurn({
      conversationId,
      parentId: leaf,
      authorId: userId,
      content,
      clientId: null,
      askedModel: null,
      model: 'a-model',
      title: null,
    });
  };

  /** Lets every lease expire, as if its owner had died. */
  const expireLeases = () =>
    sql.run(`UPDATE generations SET lease_expires_at = clock_timestamp() - interval '1 second'
             WHERE lease_expires_at IS NOT NULL`);

  const setModel = (generationId: number | undefined, model: string | null) =>
    sql.run(
      'UPDATE messages m SET model = $2 FROM generations g WHERE g.id = $1 AND m.id = g.message_id',
      [generationId, model],
    );

  const rows = { user, conversation, ask, setModel, expireLeases };
  return { sql, conversations, messages, generations, completions, ...rows };
}

export type Turns = ReturnType<typeof createTurns>;
