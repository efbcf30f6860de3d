import type { Conversation, ConversationFields, Member, MemberRole } from '../../contract/rest.js';
import { AppError } from '../../domain/errors.js';
import type { ConversationRepository } from '../../ports/repositories.js';
import { deleteConversation } from './removal.js';
import type { Sql, Transact } from './sql.js';

interface ConversationRow
  extends Omit<Conversation, 'created_at' | 'updated_at' | 'last_message_at'> {
  created_at: Date;
  updated_at: Date;
  last_message_at: Date | null;
  active_at: Date;
}

const COLUMNS = `
  c.id, c.title, c.model, c.system_prompt, c.temperature, c.max_tokens, c.active_message_id,
  c.created_at, c.updated_at, c.last_message_at, c.active_at, cm.role AS my_role,
  (SELECT count(*) FROM conversation_members x WHERE x.conversation_id = c.id) AS member_count`;

const SELECT = `SELECT ${COLUMNS} FROM conversations c JOIN conversation_members cm ON cm.conversation_id = c.id`;

const CREATE = `
  WITH c AS (
    INSERT INTO conversations (title, model, system_prompt, temperature, max_tokens)
    VALUES ($2, $3, $4, $5, $6) RETURNING *
  ), cm AS (
    INSERT INTO conversation_members (conversation_id, user_id, role) SELECT id, $1, 'owner' FROM c RETURNING *
  )
  SELECT c.*, cm.role AS my_role, 1 AS member_count FROM c, cm`;

const LIST = `${SELECT}
  WHERE cm.user_id = $1
    AND ($2::timestamptz IS NULL OR (c.active_at, c.id) < ($2::timestamptz, $3::bigint))
    AND ($4::text IS NULL OR c.title ILIKE $4 OR EXISTS (
      SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.content ILIKE $4))
  ORDER BY c.active_at DESC, c.id DESC LIMIT $5`;

/** Settable columns, in the only spelling that reaches SQL. */
const FIELDS = ['title', 'model', 'system_prompt', 'temperature', 'max_tokens'] as const;

function toConversation(row: ConversationRow): Conversation {
  const { active_at: _, ...same } = row;
  return {
    ...same,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_message_at: row.last_message_at?.toISOString() ?? null,
  };
}

const encodeCursor = (row: ConversationRow) =>
  Buffer.from(JSON.stringify([row.active_at.toISOString(), row.id])).toString('base64url');

function decodeCursor(cursor: string): [string, number] {
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const iso = new Date(time).toISOString();
    // Years that Postgres writes otherwise sort below: 0, and those with a sign.
    if (Number.isSafeInteger(id) && iso >= '0001') return [iso, id];
  } catch {
    // Falls through to the refusal below.
  }
  throw new AppError('validation_failed', { details: [{ path: 'cursor', message: 'invalid' }] });
}

const pattern = (q: string) => `%${q.replace(/[\\%_]/g, '\\$&')}%`;

export function createConversationRepository(sql: Sql, transact: Transact): ConversationRepository {
  const find = async (id: number, memberId: number, suffix = '') => {
    const row = await sql.one<ConversationRow>(
      `${SELECT} WHERE c.id = $1 AND cm.user_id = $2 ${suffix}`,
      [id, memberId],
    );
    return row && toConversation(row);
  };

  return {
    async create(ownerId, f) {
      const bind = [ownerId, f.title, f.model, f.system_prompt, f.temperature, f.max_tokens];
      const row = await sql.one<ConversationRow>(
        CREATE,
        bind.map((value) => value ?? null),
      );
      if (!row) throw new Error('an insert returned no row');
      return toConversation(row);
    },

    find: (id, memberId) => find(id, memberId),

    lock: (id, memberId) => find(id, memberId, 'FOR NO KEY UPDATE OF c'),

    async list(memberId, { limit, cursor, q }) {
      const [time, id] = cursor ? decodeCursor(cursor) : [null, null];
      const like = q ? pattern(q) : null;
      const rows = await sql.rows<ConversationRow>(LIST, [memberId, time, id, like, limit + 1]);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        conversations: page.map(toConversation),
        nextCursor: rows.length > limit && last ? encodeCursor(last) : null,
      };
    },

    async update(id, fields: ConversationFields) {
      const given = FIELDS.filter((field) => fields[field] !== undefined);
      const sets = [
        'updated_at = clock_timestamp()',
        ...given.map((field, i) => `${field} = $${i + 2}`),
      ];
      await sql.run(`UPDATE conversations SET ${sets.join(', ')} WHERE id = $1`, [
        id,
        ...given.map((field) => fields[field]),
      ]);
    },

    delete: (id) => transact((tx) => deleteConversation(tx, id)),

    members: (id) =>
      sql.rows<Member>(
        `SELECT u.id, u.username, cm.role FROM conversation_members cm JOIN users u ON u.id = cm.user_id
         WHERE cm.conversation_id = $1 ORDER BY cm.created_at, u.id`,
        [id],
      ),

    async role(id, userId) {
      const row = await sql.one<{ role: MemberRole }>(
        'SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2',
        [id, userId],
      );
      return row?.role ?? null;
    },
  };
}
