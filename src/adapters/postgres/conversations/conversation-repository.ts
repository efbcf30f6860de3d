import type {
  Conversation,
  ConversationFields,
  Member,
  MemberRole,
} from '../../../contract/rest.js';
import type { ConversationRepository } from '../../../ports/conversation-repository.js';
import type { Sql, Transact } from '../sql/sql.js';
import {
  CONVERSATION_COLUMNS,
  CONVERSATION_TABLES,
  FIELD_COLUMNS,
  membersOf,
} from './conversation-columns.js';
import { listConversations } from './conversation-list.js';
import { readView } from './conversation-view.js';
import { markConversation } from './removal.js';
import type { SearchLetters } from './search-letters.js';
import { searchPattern } from './search-pattern.js';

const CREATE = `
  WITH c AS (
    INSERT INTO conversations (title, model, system_prompt, temperature, max_tokens)
    VALUES ($2, $3, $4, $5, $6) RETURNING *
  ), cm AS (
    INSERT INTO conversation_members (conversation_id, user_id, role) SELECT id, $1, 'owner' FROM c RETURNING *
  )
  SELECT ${FIELD_COLUMNS}, cm.role AS my_role, 1 AS member_count FROM c, cm`;

const FIND = {
  name: 'conversation',
  text: `SELECT ${CONVERSATION_COLUMNS} FROM ${CONVERSATION_TABLES} WHERE c.id = $1 AND cm.user_id = $2`,
};
/** A conversation that is deleted while this waits for the lock is not found. Members are those from before the wait. */
const LOCK = {
  name: 'lock_conversation',
  text: `${FIND.text} AND c.deleted_at IS NULL FOR NO KEY UPDATE OF c`,
};

const MEMBERS = membersOf('$1');

const ROLE = {
  name: 'role',
  text: 'SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2',
};

const UPDATE = (sets: string[]) =>
  `UPDATE conversations SET ${sets.join(', ')} WHERE id = $1 RETURNING id`;

/**
 * Records changes of users' lists for the sweep of the nodes, which otherwise finds only conversations that became
 * active.
 */
const note = (changed: string) => `
  INSERT INTO list_changes (user_id, conversation_id)
  SELECT cm.user_id, cm.conversation_id FROM ${changed} JOIN conversation_members cm ON cm.conversation_id = c.id`;

/** Settable columns. No other names reach SQL. */
const FIELDS = ['title', 'model', 'system_prompt', 'temperature', 'max_tokens'] as const;

export function createConversationRepository(
  sql: Sql,
  transact: Transact,
  letters: () => Promise<SearchLetters>,
): ConversationRepository {
  const patternOf = async (q: string) => searchPattern(await letters(), q);
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

    list: (memberId, query) => listConversations(transact, sql, patternOf, memberId, query),

    async update(id, fields: ConversationFields) {
      const given = FIELDS.filter((field) => fields[field] !== undefined);
      const sets = [
        'updated_at = clock_timestamp()',
        ...given.map((field, i) => `${field} = $${i + 2}`),
      ];
      await sql.run(`WITH c AS (${UPDATE(sets)}) ${note('c')}`, [
        id,
        ...given.map((field) => fields[field]),
      ]);
    },

    delete: (id) =>
      transact(async (tx) => {
        await tx.run(note('(SELECT $1::bigint AS id) c'), [id]);
        return markConversation(tx, id);
      }),

    members: (id) => sql.rows<Member>(MEMBERS, [id]),

    view: (query) => readView(sql, query),

    async role(id, userId) {
      const row = await sql.one<{ role: MemberRole }>(ROLE, [id, userId]);
      return row?.role ?? null;
    },
  };
}
