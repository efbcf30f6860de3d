import type { Conversation, Member, Message } from '../../contract/rest.js';
import type { ConversationSnapshot, ViewQuery } from '../../ports/repositories.js';
import { CONVERSATION_COLUMNS, CONVERSATION_TABLES, membersOf } from './conversation-columns.js';
import { pageOf } from './message-repository.js';
import { jsonPage, MESSAGE_COLUMNS, MESSAGE_TABLES } from './message-row.js';
import { type NewestMessages, newestMessages, readBranch } from './newest-messages.js';
import type { Sql } from './sql.js';

interface HeadRow {
  conversation: Conversation;
  members: Member[];
}

interface ViewRow extends HeadRow {
  newest: NewestMessages;
}

interface BranchViewRow extends HeadRow {
  page: Message[];
  others: Message[];
}

const HEAD = `SELECT ${CONVERSATION_COLUMNS} FROM ${CONVERSATION_TABLES} WHERE c.id = $1 AND cm.user_id = $2`;

/** Binds: conversation, member, limit, end of the page. */
const VIEW = {
  name: 'view',
  text: `
    SELECT row_to_json(head) AS conversation, ${jsonPage(membersOf('$1'))} AS members,
      ${newestMessages('$1', '$4', '$3')} AS newest
    FROM (${HEAD}) head`,
};

const PAGE = `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
  JOIN branch b ON b.id = m.id ORDER BY b.depth DESC`;

const OTHERS = `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
  WHERE m.conversation_id = $1 AND m.id = ANY($5::bigint[])
    AND NOT EXISTS (SELECT 1 FROM branch b WHERE b.id = m.id AND b.depth < $3)`;

/** Walks from the active leaf towards the root. Binds: conversation, member, limit, end of the walk, others. */
const BRANCH_VIEW = {
  name: 'branch_view',
  text: `
    WITH RECURSIVE head AS (${HEAD}), branch AS (
      SELECT m.id, m.parent_id, 1 AS depth FROM head JOIN messages m ON m.id = head.active_message_id
        WHERE m.conversation_id = $1 AND m.id <> $4
      UNION ALL
      SELECT p.id, p.parent_id, b.depth + 1 FROM branch b JOIN messages p ON p.id = b.parent_id
        WHERE b.depth < $3 AND p.id <> $4
    )
    SELECT row_to_json(head) AS conversation, ${jsonPage(membersOf('$1'))} AS members,
      ${jsonPage(PAGE)} AS page, ${jsonPage(OTHERS)} AS others
    FROM head`,
};

/**
 * All of one moment. Where the newest messages are the branch, which they are as long as nobody asked anew, the
 * statement reads them as they lie in the index; a walk from message to message costs Postgres two and a half times that.
 */
export async function readView(sql: Sql, query: ViewQuery): Promise<ConversationSnapshot | null> {
  const { id, memberId, limit, afterId = 0, others } = query;
  const row = await sql.one<ViewRow>(VIEW, [id, memberId, limit + 1, afterId]);
  if (!row) return null;
  const { newest, ...head } = row;
  const leafId = head.conversation.active_message_id;
  const branch = readBranch(newest, { leafId, afterId, limit: limit + 1 });
  const page = branch && pageOf(branch, limit);
  if (!page || !hasAll(page.messages, others)) return walk(sql, query);
  return { ...head, page, others: [] };
}

function hasAll(messages: readonly Message[], ids: readonly number[]): boolean {
  const known = new Set(messages.map((message) => message.id));
  return ids.every((id) => known.has(id));
}

async function walk(sql: Sql, query: ViewQuery): Promise<ConversationSnapshot | null> {
  const { id, memberId, limit, afterId = 0, others } = query;
  const row = await sql.one<BranchViewRow>(BRANCH_VIEW, [id, memberId, limit + 1, afterId, others]);
  return row && { ...row, page: pageOf(row.page, limit) };
}
