import type { TitleRepository } from '../../../ports/repositories/title-repository.js';
import type { Sql } from '../sql/sql.js';
import { noteForMembers } from './list-note.js';

const TAKE = `
  UPDATE conversations SET auto_title = false WHERE id = $1 AND auto_title AND deleted_at IS NULL RETURNING title`;

const GIVE = `
  WITH c AS (
    UPDATE conversations SET title = $3, updated_at = clock_timestamp()
    WHERE id = $1 AND title = $2 AND deleted_at IS NULL RETURNING id
  ) ${noteForMembers('c')}`;

export const createTitleRepository = (sql: Sql): TitleRepository => ({
  async take(conversationId) {
    const row = await sql.one<{ title: string }>(TAKE, [conversationId]);
    return row?.title ?? null;
  },

  give: async (conversationId, before, title) =>
    (await sql.run(GIVE, [conversationId, before, title])) > 0,
});
