import type { Message } from '../../../contract/rest.js';
import type { MessagePage } from '../../../ports/repositories/message-repository.js';
import { cell, type JsonColumns, jsonColumns } from '../sql/json-columns.js';
import { measured, messageFields, messageTables, SHOWN_CONTENT } from '../sql/message-row.js';
import { fromUtc, utcTimes } from '../sql/time-columns.js';

export type NewestMessages = JsonColumns<
  Omit<Message, 'sibling_ids' | 'content'> & {
    /** Null beyond the bytes of a page. */
    content: string | null;
  }
>;

const NAMES = Object.keys({
  id: true,
  conversation_id: true,
  parent_id: true,
  role: true,
  author: true,
  status: true,
  content: true,
  sha256: true,
  reasoning: true,
  reasoning_ms: true,
  model: true,
  context: true,
  attempt: true,
  seq: true,
  client_id: true,
  finish_reason: true,
  usage: true,
  error: true,
  created_at: true,
  completed_at: true,
} satisfies Record<keyof NewestMessages, true>);

interface Binds {
  conversation: string;
  from: string;
  limit: string;
  bytes: string;
}

/** The newest messages of a conversation, down to `from`, on any branch; for `readBranch`. */
export function newestMessages({ conversation, from, limit, bytes }: Binds): string {
  const where = `m.conversation_id = ${conversation} AND m.id >= ${from} ORDER BY m.id DESC LIMIT ${limit}`;
  const content = `CASE WHEN m.bytes_before < ${bytes} THEN ${SHOWN_CONTENT} END`;
  return jsonColumns(
    NAMES,
    `SELECT ${messageFields(content)}, ${utcTimes('m.created_at', 'm.completed_at')}
     FROM ${messageTables(measured('m.id DESC', where))} ORDER BY m.id DESC`,
  );
}

export interface BranchEnd {
  leafId: number | null;
  /** The branch is read down to this message, which is excluded; 0: to the root. */
  afterId: number;
  /** Messages per page. */
  limit: number;
}

/** The page of a branch that was read from its leaf up to the first of `messages`. */
export function pageOf(messages: Message[], afterId: number): MessagePage {
  const before = messages[0]?.parent_id ?? null;
  return { messages, hasMore: before !== null && before !== afterId };
}

/**
 * Reads a page of the branch from the newest messages, of which there must be one more than the page has. Null if
 * these do not suffice, because other branches lie between or `afterId` is on one. A child is newer than its parent,
 * so everything newer than a parent that was read is on the branch, and no message on the page has a sibling.
 */
export function readBranch(newest: NewestMessages, end: BranchEnd): MessagePage | null {
  const branch: Message[] = [];
  let expectedId = end.leafId;
  for (const [i, id] of (newest.id ?? []).entries()) {
    if (id !== expectedId) return null;
    const content = cell(newest.content, i);
    const isFull = branch.length === end.limit || content === null;
    if (isFull || id === end.afterId) return pageOf(branch.reverse(), end.afterId);
    branch.push(withoutSiblings(newest, id, content, i));
    expectedId = cell(newest.parent_id, i);
  }
  return end.afterId === 0 ? pageOf(branch.reverse(), 0) : null;
}

function withoutSiblings(newest: NewestMessages, id: number, content: string, i: number): Message {
  const completedAt = cell(newest.completed_at, i);
  return {
    id,
    conversation_id: cell(newest.conversation_id, i),
    parent_id: cell(newest.parent_id, i),
    role: cell(newest.role, i),
    author: cell(newest.author, i),
    status: cell(newest.status, i),
    content,
    sha256: cell(newest.sha256, i),
    reasoning: cell(newest.reasoning, i),
    reasoning_ms: cell(newest.reasoning_ms, i),
    model: cell(newest.model, i),
    context: cell(newest.context, i),
    attempt: cell(newest.attempt, i),
    seq: cell(newest.seq, i),
    client_id: cell(newest.client_id, i),
    finish_reason: cell(newest.finish_reason, i),
    usage: cell(newest.usage, i),
    error: cell(newest.error, i),
    created_at: fromUtc(cell(newest.created_at, i)),
    completed_at: completedAt && fromUtc(completedAt),
    sibling_ids: [id],
  };
}
