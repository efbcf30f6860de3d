import { LIMITS } from '../../../contract/limits.js';
import type { Conversation, ConversationFilter } from '../../../contract/rest.js';
import { invalid } from '../../../entities/errors.js';
import type {
  ConversationPage,
  ListQuery,
} from '../../../ports/repositories/conversation-repository.js';
import { cell, type JsonColumns, jsonColumns } from '../sql/json-columns.js';
import { SEARCH_WITHIN } from '../sql/search-within.js';
import type { Sql, Transact } from '../sql/sql.js';
import { fromUtc, utcTimes } from '../sql/time-columns.js';
import { CONVERSATION_SETTINGS, CONVERSATION_TABLES, MEMBERSHIP } from './conversation-columns.js';

type Listed = JsonColumns<Conversation & { active_at: string }>;

const NAMES = Object.keys({
  id: true,
  title: true,
  model: true,
  system_prompt: true,
  temperature: true,
  max_tokens: true,
  active_message_id: true,
  answer: true,
  reply_mode: true,
  provider: true,
  my_role: true,
  member_count: true,
  member_names: true,
  pinned: true,
  archived: true,
  unread_count: true,
  read_message_id: true,
  created_at: true,
  updated_at: true,
  last_message_at: true,
  active_at: true,
} satisfies Record<keyof Listed, true>);

const FILTERS: Record<ConversationFilter, string> = {
  active: 'NOT cm.archived',
  archived: 'cm.archived',
  pinned: 'cm.pinned AND NOT cm.archived',
};

const listed = (filter: ConversationFilter, matching = '') =>
  jsonColumns(
    NAMES,
    `SELECT ${CONVERSATION_SETTINGS}, ${MEMBERSHIP},
       ${utcTimes('c.created_at', 'c.updated_at', 'c.last_message_at', 'c.active_at')}
     FROM ${CONVERSATION_TABLES}
     WHERE cm.user_id = $1 AND ${FILTERS[filter]}
       AND ($2::timestamptz IS NULL OR (c.active_at, c.id) < ($2::timestamptz, $3::bigint))
       ${matching}
     ORDER BY c.active_at DESC, c.id DESC LIMIT $4`,
  );
const list = (filter: ConversationFilter) => ({
  name: `list_${filter}`,
  text: `SELECT ${listed(filter)} AS listed`,
});

const MATCHING = `AND (c.title ~ $5 OR EXISTS (
  SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.deleted_at IS NULL AND m.content ~ $5))`;
const search = (filter: ConversationFilter) => `SELECT ${listed(filter, MATCHING)} AS listed`;

const encodeCursor = (activeAt: string, id: number) =>
  Buffer.from(JSON.stringify([activeAt, id])).toString('base64url');

function decodeCursor(cursor: string): [string, number] {
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const iso = new Date(time).toISOString();
    // Year 0 and years with a sign, which Postgres writes differently, sort below this.
    if (Number.isSafeInteger(id) && iso >= '0001') return [iso, id];
  } catch {
    // Falls through to the refusal below.
  }
  throw invalid({ path: 'cursor', code: 'cursor.unknown' });
}

export interface ListDeps {
  sql: Sql;
  transact: Transact;
  /** The `LIKE` pattern of a search. */
  patternOf(q: string): Promise<string>;
}

/** @throws AppError `unavailable` if a search takes too long */
export async function listConversations(
  { sql, transact, patternOf }: ListDeps,
  memberId: number,
  { limit, cursor, q, filter = 'active' }: ListQuery,
): Promise<ConversationPage> {
  const [time, id] = cursor ? decodeCursor(cursor) : [null, null];
  const bind = [memberId, time, id, limit + 1];
  const pattern = q && (await patternOf(q));
  const found = pattern
    ? await transact((tx) => searched(tx, filter, [...bind, pattern]))
    : await sql.one<{ listed: Listed }>(list(filter), bind);
  return found ? pageOf(found.listed, limit) : { conversations: [], nextCursor: null };
}

async function searched(tx: Sql, filter: ConversationFilter, bind: unknown[]) {
  await tx.run(SEARCH_WITHIN);
  return tx.one<{ listed: Listed }>(search(filter), bind);
}

/** `listed` has one row more than the page if there are more. */
function pageOf(listed: Listed, most: number): ConversationPage {
  const ids = listed.id ?? [];
  const limit = Math.min(most, fitting(listed.system_prompt ?? []));
  const conversations = ids.slice(0, limit).map((id, i) => conversationAt(listed, id, i));
  const last = conversations.length - 1;
  const nextCursor =
    ids.length > limit
      ? encodeCursor(fromUtc(cell(listed.active_at, last)), cell(ids, last))
      : null;
  return { conversations, nextCursor };
}

/** How many conversations fill a page, by the size of their system prompts. */
function fitting(prompts: readonly (string | null)[]): number {
  let bytes = 0;
  const last = prompts.findIndex((prompt) => {
    bytes += Buffer.byteLength(prompt ?? '');
    return bytes >= LIMITS.pageBytes;
  });
  return last < 0 ? prompts.length : last + 1;
}

function conversationAt(listed: Listed, id: number, i: number): Conversation {
  const lastMessageAt = cell(listed.last_message_at, i);
  return {
    id,
    title: cell(listed.title, i),
    model: cell(listed.model, i),
    system_prompt: cell(listed.system_prompt, i),
    temperature: cell(listed.temperature, i),
    max_tokens: cell(listed.max_tokens, i),
    reply_mode: cell(listed.reply_mode, i),
    provider: cell(listed.provider, i),
    active_message_id: cell(listed.active_message_id, i),
    answer: cell(listed.answer, i),
    my_role: cell(listed.my_role, i),
    member_count: cell(listed.member_count, i),
    member_names: cell(listed.member_names, i),
    pinned: cell(listed.pinned, i),
    archived: cell(listed.archived, i),
    unread_count: cell(listed.unread_count, i),
    read_message_id: cell(listed.read_message_id, i),
    created_at: fromUtc(cell(listed.created_at, i)),
    updated_at: fromUtc(cell(listed.updated_at, i)),
    last_message_at: lastMessageAt && fromUtc(lastMessageAt),
  };
}
