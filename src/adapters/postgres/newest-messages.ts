import type { Message } from '../../contract/rest.js';
import { cell, type JsonColumns, jsonColumns } from './json-columns.js';
import { MESSAGE_FIELDS, MESSAGE_TABLES } from './message-row.js';
import { fromUtc, utcTimes } from './time-columns.js';

export type NewestMessages = JsonColumns<Omit<Message, 'sibling_ids'>>;

const NAMES = Object.keys({
  id: true,
  conversation_id: true,
  parent_id: true,
  role: true,
  author: true,
  status: true,
  content: true,
  model: true,
  attempt: true,
  seq: true,
  client_id: true,
  finish_reason: true,
  usage: true,
  error: true,
  created_at: true,
  completed_at: true,
} satisfies Record<keyof NewestMessages, true>);

/** Of a conversation, down to `from`, whatever their branches; for `readBranch`. */
export const newestMessages = (conversation: string, from: string, limit: string): string =>
  jsonColumns(
    NAMES,
    `SELECT ${MESSAGE_FIELDS}, ${utcTimes('m.created_at', 'm.completed_at')} FROM ${MESSAGE_TABLES}
     WHERE m.conversation_id = ${conversation} AND m.id >= ${from} ORDER BY m.id DESC LIMIT ${limit}`,
  );

export interface BranchEnd {
  leafId: number | null;
  /** The branch is read down to this message, and without it; 0: to its root. */
  afterId: number;
  /** With so many messages it is read far enough. */
  limit: number;
}

/**
 * Oldest first. Null when `newest` do not tell, for other branches lie in between or `afterId` on one. A child is
 * younger than its parent: so nothing but the branch is younger than any of these parents, and none of these messages
 * has a sibling. Only the last of `limit` may have one.
 */
export function readBranch(newest: NewestMessages, end: BranchEnd): Message[] | null {
  const branch: Message[] = [];
  let expectedId = end.leafId;
  for (const [i, id] of (newest.id ?? []).entries()) {
    if (id !== expectedId) return null;
    if (id === end.afterId) return branch.reverse();
    branch.push(withoutSiblings(newest, id, i));
    expectedId = cell(newest.parent_id, i);
  }
  return end.afterId === 0 || branch.length === end.limit ? branch.reverse() : null;
}

function withoutSiblings(newest: NewestMessages, id: number, i: number): Message {
  const completedAt = cell(newest.completed_at, i);
  return {
    id,
    conversation_id: cell(newest.conversation_id, i),
    parent_id: cell(newest.parent_id, i),
    role: cell(newest.role, i),
    author: cell(newest.author, i),
    status: cell(newest.status, i),
    content: cell(newest.content, i),
    model: cell(newest.model, i),
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
