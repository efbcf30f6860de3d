import { LIMITS } from '../../../contract/limits.js';
import type { Conversation, Member, Message } from '../../../contract/rest.js';
import type {
  ConversationSnapshot,
  OtherMessage,
  ViewQuery,
} from '../../../ports/repositories/conversation-repository.js';
import {
  jsonPage,
  MESSAGE_COLUMNS,
  MESSAGE_TABLES,
  measured,
  messageColumns,
  messageTables,
  SHOWN_CONTENT,
} from '../sql/message-row.js';
import type { Sql } from '../sql/sql.js';
import { branchFrom } from './branch-walk.js';
import { CONVERSATION_COLUMNS, CONVERSATION_TABLES, membersOf } from './conversation-columns.js';
import { type NewestMessages, newestMessages, pageOf, readBranch } from './newest-messages.js';

interface HeadRow {
  conversation: Conversation;
  members: Member[];
}

interface ViewRow extends HeadRow {
  newest: NewestMessages;
}

interface BranchViewRow extends HeadRow {
  page: Message[];
  others: OtherMessage[];
}

const NEWEST = newestMessages({ conversation: '$1', limit: '$3', from: '$4', bytes: '$5' });
/** The leaf of the branch to read: the requested one, otherwise the active one. */
const LEAF = '(SELECT coalesce($7::bigint, head.active_message_id) FROM head)';
const HEAD = `SELECT ${CONVERSATION_COLUMNS} FROM ${CONVERSATION_TABLES} WHERE c.id = $1 AND cm.user_id = $2`;

/** Binds: conversation, member, page size plus one, end of the page, bytes after which texts are left out. */
const VIEW = {
  name: 'view',
  text: `
    SELECT row_to_json(head) AS conversation, ${jsonPage(membersOf('$1'))} AS members,
      ${NEWEST} AS newest
    FROM (${HEAD}) head`,
};

const PAGE = `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
  JOIN branch b ON b.id = m.id ORDER BY b.depth DESC`;

/** Texts beyond the bytes of a page are left out if `generation:resume` can read them instead. */
const content = (bytes: string) =>
  `CASE WHEN m.bytes_before < ${bytes} OR m.role <> 'assistant' OR m.seq = 0 THEN ${SHOWN_CONTENT} END`;

/** Messages beside the page. Their texts are included newest first. */
const others = (ids: string, bytes: string, but = 'true') =>
  jsonPage(
    `SELECT ${messageColumns(content(bytes))} FROM ${messageTables(
      measured('m.id DESC', `m.conversation_id = $1 AND m.id = ANY(${ids}::bigint[]) AND ${but}`),
    )}`,
  );

/** Binds: conversation, ids, bytes. */
const OTHERS = { name: 'others_view', text: `SELECT ${others('$2', '$3')} AS others` };
const NOT_IN_BRANCH = 'NOT EXISTS (SELECT 1 FROM branch b WHERE b.id = m.id)';

/**
 * Walks from the leaf towards the root. Binds: conversation, member, limit, end of the walk, bytes, others, leaf or
 * null.
 */
const BRANCH_VIEW = {
  name: 'branch_view',
  text: `
    WITH RECURSIVE head AS (${HEAD}), ${branchFrom(LEAF)}
    SELECT row_to_json(head) AS conversation, ${jsonPage(membersOf('$1'))} AS members,
      ${jsonPage(PAGE)} AS page, ${others('$6', '$5', NOT_IN_BRANCH)} AS others
    FROM head`,
};

/**
 * Reads a page from one snapshot. While nobody has asked anew, the newest messages are the branch, and the statement
 * reads them in the order of the index. A walk from message to message costs Postgres two and a half times as much.
 */
export async function readView(sql: Sql, query: ViewQuery): Promise<ConversationSnapshot | null> {
  const { id, memberId, limit, afterId = 0 } = query;
  if (query.leafId !== undefined) return walk(sql, query);
  const row = await sql.one<ViewRow>(VIEW, [id, memberId, limit + 1, afterId, LIMITS.pageBytes]);
  if (!row) return null;
  const { newest, ...head } = row;
  const leafId = head.conversation.active_message_id;
  const page = readBranch(newest, { leafId, afterId, limit });
  if (!page) return walk(sql, query);
  return { ...head, page, others: await readOthers(sql, id, beside(page.messages, query.others)) };
}

function beside(page: readonly Message[], ids: readonly number[]): number[] {
  const known = new Set(page.map((message) => message.id));
  return ids.filter((id) => !known.has(id));
}

async function readOthers(sql: Sql, id: number, ids: number[]): Promise<OtherMessage[]> {
  if (ids.length === 0) return [];
  const row = await sql.one<{ others: OtherMessage[] }>(OTHERS, [id, ids, LIMITS.pageBytes]);
  return row?.others ?? [];
}

async function walk(sql: Sql, query: ViewQuery): Promise<ConversationSnapshot | null> {
  const { id, memberId, limit, afterId = 0, leafId = null } = query;
  const bind = [id, memberId, limit, afterId, LIMITS.pageBytes, query.others, leafId];
  const row = await sql.one<BranchViewRow>(BRANCH_VIEW, bind);
  return row && { ...row, page: pageOf(row.page, afterId) };
}
