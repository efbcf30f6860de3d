import type { Conversation, Member, MemberRole } from '../../../contract/rest.js';
import type {
  ConversationRepository,
  MemberAnswer,
  Membership,
} from '../../../ports/repositories/conversation-repository.js';
import { markConversation } from '../erasure/removal.js';
import { removedRole, restoreConversation } from '../erasure/restoring.js';
import type { Sql, Transact } from '../sql/sql.js';
import {
  ANSWER,
  CONVERSATION_COLUMNS,
  CONVERSATION_TABLES,
  FIELD_COLUMNS,
  MEMBERSHIP,
  membersOf,
  NEW_MEMBERSHIP,
} from './conversation-columns.js';
import { listConversations } from './conversation-list.js';
import { readView } from './conversation-view.js';
import { noteForMembers } from './list-note.js';
import { searchMessages } from './message-search.js';
import type { SearchLetters } from './search-letters.js';
import { searchPattern } from './search-pattern.js';

const CREATE = `
  WITH c AS (
    INSERT INTO conversations (title, model, system_prompt, temperature, max_tokens, auto_title)
    VALUES ($2, $3, $4, $5, $6, $7) RETURNING *
  ), cm AS (
    INSERT INTO conversation_members (conversation_id, user_id, role) SELECT id, $1, 'owner' FROM c RETURNING *
  )
  SELECT ${FIELD_COLUMNS}, ${NEW_MEMBERSHIP} FROM c, cm`;

const FIND = {
  name: 'conversation',
  text: `SELECT ${CONVERSATION_COLUMNS} FROM ${CONVERSATION_TABLES} WHERE c.id = $1 AND cm.user_id = $2`,
};
/**
 * A conversation that is deleted while this waits for the lock is not found. Members are those from before the wait.
 */
const LOCK = {
  name: 'lock_conversation',
  text: `${FIND.text} AND c.deleted_at IS NULL FOR NO KEY UPDATE OF c`,
};

const MEMBERS = membersOf('$1');

const MEMBERSHIPS = `
  SELECT cm.user_id AS "userId", ${MEMBERSHIP} FROM ${CONVERSATION_TABLES} WHERE c.id = $1 ORDER BY cm.user_id`;

const ANSWERS = {
  name: 'answers_of_conversations',
  text: `
    SELECT cm.user_id AS "userId", c.id AS "conversationId", ${ANSWER} AS answer
    FROM ${CONVERSATION_TABLES} WHERE c.id = ANY($1::bigint[]) ORDER BY c.id, cm.user_id`,
};

const MARK = `
  UPDATE conversation_members SET pinned = coalesce($3, pinned), archived = coalesce($4, archived)
  WHERE conversation_id = $1 AND user_id = $2`;

const ROLE = {
  name: 'role',
  text: 'SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2',
};

const READ = `
  UPDATE conversation_members SET read_message_id = $3
  WHERE conversation_id = $1 AND user_id = $2 AND coalesce(read_message_id, 0) < $3`;

const UPDATE = (sets: string[]) =>
  `UPDATE conversations SET ${sets.join(', ')} WHERE id = $1 RETURNING id`;

/** Settable columns. No other names reach SQL. */
const FIELDS = [
  'title',
  'model',
  'system_prompt',
  'temperature',
  'max_tokens',
  'reply_mode',
] as const;

export function createConversationRepository(
  sql: Sql,
  transact: Transact,
  letters: () => Promise<SearchLetters>,
): ConversationRepository {
  const patternOf = async (q: string) => searchPattern(await letters(), q);
  return {
    async create(ownerId, f, isAutoTitle = false) {
      const bind = [ownerId, f.title, f.model, f.system_prompt, f.temperature, f.max_tokens];
      const made = await sql.one<Conversation>(CREATE, [
        ...bind.map((value) => value ?? null),
        isAutoTitle,
      ]);
      if (!made) throw new Error('an insert returned no row');
      return made;
    },

    find: (id, memberId) => sql.one<Conversation>(FIND, [id, memberId]),

    lock: (id, memberId) => sql.one<Conversation>(LOCK, [id, memberId]),

    search: (memberId, query) => searchMessages(transact, memberId, query),

    list: (memberId, query) => listConversations({ sql, transact, patternOf }, memberId, query),

    async update(id, fields) {
      const given = FIELDS.filter((field) => fields[field] !== undefined);
      const sets = [
        'updated_at = clock_timestamp()',
        ...(fields.title === undefined ? [] : ['auto_title = false']),
        ...given.map((field, i) => `${field} = $${i + 2}`),
      ];
      await sql.run(`WITH c AS (${UPDATE(sets)}) ${noteForMembers('c')}`, [
        id,
        ...given.map((field) => fields[field]),
      ]);
    },

    async mark(id, memberId, { pinned = null, archived = null }) {
      await sql.run(MARK, [id, memberId, pinned, archived]);
    },

    removedRole: (id, userId) => removedRole(sql, id, userId),

    restore: (id) => restoreConversation(sql, id),

    readUpTo: async (id, memberId, messageId) =>
      (await sql.run(READ, [id, memberId, messageId])) > 0,

    delete: (id) =>
      transact(async (tx) => {
        await tx.run(noteForMembers('(SELECT $1::bigint AS id)'), [id]);
        return markConversation(tx, id);
      }),

    members: (id) => sql.rows<Member>(MEMBERS, [id]),

    memberships: (id) => sql.rows<Membership & { userId: number }>(MEMBERSHIPS, [id]),

    answers: (ids) => sql.rows<MemberAnswer>(ANSWERS, [ids]),

    view: (query) => readView(sql, query),

    async role(id, userId) {
      const row = await sql.one<{ role: MemberRole }>(ROLE, [id, userId]);
      return row?.role ?? null;
    },
  };
}
