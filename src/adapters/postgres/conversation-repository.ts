import type { Conversation, ConversationFields, Member, MemberRole } from '../../contract/rest.js';
import { invalid } from '../../domain/errors.js';
import type { ConversationRepository } from '../../ports/repositories.js';
import {
  CONVERSATION_COLUMNS,
  CONVERSATION_TABLES,
  FIELD_COLUMNS,
  membersOf,
} from './conversation-columns.js';
import { readView } from './conversation-view.js';
import { jsonPage } from './message-row.js';
import { deleteConversation } from './removal.js';
import type { Sql, Transact } from './sql.js';
import { times } from './time-columns.js';

type ListedConversation = Conversation & { active_at: string };

const CREATE = `
  WITH c AS (
    INSERT INTO conversations (title, model, system_prompt, temperature, max_tokens)
    VALUES ($2, $3, $4, $5, $6) RETURNING *
  ), cm AS (
    INSERT INTO conversation_members (conversation_id, user_id, role) SELECT id, $1, 'owner' FROM c RETURNING *
  )
  SELECT ${FIELD_COLUMNS}, cm.role AS my_role, 1 AS member_count FROM c, cm`;

const listed = (matching = '') => `
  SELECT ${CONVERSATION_COLUMNS}, ${times('c.active_at')} FROM ${CONVERSATION_TABLES}
  WHERE cm.user_id = $1
    AND ($2::timestamptz IS NULL OR (c.active_at, c.id) < ($2::timestamptz, $3::bigint))
    ${matching}
  ORDER BY c.active_at DESC, c.id DESC LIMIT $4`;
const LIST = { name: 'list', text: `SELECT ${jsonPage(listed())} AS conversations` };

const MATCHING = `AND (c.title ILIKE $5 OR EXISTS (
  SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.content ILIKE $5))`;
const SEARCH = `SELECT ${jsonPage(listed(MATCHING))} AS conversations`;

const FIND = {
  name: 'conversation',
  text: `SELECT ${CONVERSATION_COLUMNS} FROM ${CONVERSATION_TABLES} WHERE c.id = $1 AND cm.user_id = $2`,
};
const LOCK = { name: 'lock_conversation', text: `${FIND.text} FOR NO KEY UPDATE OF c` };

const MEMBERS = membersOf('$1');

const ROLE = {
  name: 'role',
  text: 'SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2',
};

/** Settable columns, in the only spelling that reaches SQL. */
const FIELDS = ['title', 'model', 'system_prompt', 'temperature', 'max_tokens'] as const;

function withoutPlace({ active_at: _, ...conversation }: ListedConversation): Conversation {
  return conversation;
}

const encodeCursor = (row: ListedConversation) =>
  Buffer.from(JSON.stringify([row.active_at, row.id])).toString('base64url');

function decodeCursor(cursor: string): [string, number] {
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const iso = new Date(time).toISOString();
    // Years that Postgres writes otherwise sort below: 0, and those with a sign.
    if (Number.isSafeInteger(id) && iso >= '0001') return [iso, id];
  } catch {
    // Falls through to the refusal below.
  }
  throw invalid({ path: 'cursor', code: 'cursor.unknown' });
}

const pattern = (q: string) => `%${q.replace(/[\\%_]/g, '\\$&')}%`;

export function createConversationRepository(sql: Sql, transact: Transact): ConversationRepository {
  return {
    async create(ownerId, f) {
      const bind = [ownerId, f.title, f.model, f.system_prompt, f.temperature, f.max_tokens];
      const made = await sql.one<Conversation>(
        CREATE,
        bind.map((value) => value ?? null),
      );
      if (!made) throw new Error('an insert returned no row');
      return made;
    },

    find: (id, memberId) => sql.one<Conversation>(FIND, [id, memberId]),

    lock: (id, memberId) => sql.one<Conversation>(LOCK, [id, memberId]),

    async list(memberId, { limit, cursor, q }) {
      const [time, id] = cursor ? decodeCursor(cursor) : [null, null];
      const bind = [memberId, time, id, limit + 1];
      const found = await sql.one<{ conversations: ListedConversation[] }>(
        q ? SEARCH : LIST,
        q ? [...bind, pattern(q)] : bind,
      );
      const rows = found?.conversations ?? [];
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        conversations: page.map(withoutPlace),
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

    members: (id) => sql.rows<Member>(MEMBERS, [id]),

    view: (query) => readView(sql, query),

    async role(id, userId) {
      const row = await sql.one<{ role: MemberRole }>(ROLE, [id, userId]);
      return row?.role ?? null;
    },
  };
}
