import type { Message } from '../../../contract/rest.js';
import { times } from './time-columns.js';

/** The digest of a text, computed by Postgres. */
export const digestOf = (text: string): string => `sha256(convert_to(${text}, 'UTF8'))`;

/**
 * The row of an answer that runs has the text that an earlier attempt left to be continued. The current text is in the
 * live log.
 */
export const SHOWN_CONTENT = `CASE WHEN m.status NOT IN ('queued', 'streaming') THEN m.content ELSE '' END`;

/** Messages of earlier releases have no stored digest. */
const receipt = (content: string): string => `
  CASE WHEN m.status NOT IN ('queued', 'streaming')
    THEN encode(coalesce(m.sha256, ${digestOf(content)}), 'hex') END`;

/** Reasoning is shown together with the text, and left out together with it. */
const reasoning = (content: string): string => `
  CASE WHEN m.status NOT IN ('queued', 'streaming') AND (${content}) IS NOT NULL THEN m.reasoning END AS reasoning,
  CASE WHEN m.status NOT IN ('queued', 'streaming') THEN m.reasoning_ms END AS reasoning_ms`;

/** The bytes of a message that count for a page. `octet_length` does not decompress a text. */
export const bytesOf = (row: string): string =>
  `octet_length(${row}.content) + coalesce(octet_length(${row}.reasoning), 0)`;

/** Rows of earlier releases lack these counts. */
export const USAGE = `'{"cached_tokens": 0, "reasoning_tokens": 0, "cost": null}'::jsonb || m.usage`;

/** Fields of a message from `MESSAGE_TABLES`, in the shape of the contract, without times and siblings. */
export const messageFields = (content = SHOWN_CONTENT): string => `
  m.id, m.conversation_id, m.parent_id, m.role,
  CASE WHEN m.author_id IS NOT NULL THEN json_build_object('id', a.id, 'username', a.username) END AS author,
  m.status, ${content} AS content, ${receipt(content)} AS sha256, ${reasoning(content)}, m.model, m.context, m.attempt, m.seq, m.client_id, m.finish_reason, ${USAGE} AS usage, m.error`;

/** Columns of a `Message` in the shape of the contract, for `MESSAGE_TABLES`. A page of them is one `json_agg`. */
export const messageColumns = (content?: string): string => `${messageFields(content)},
  ${times('m.created_at', 'm.completed_at')},
  ARRAY(SELECT s.id FROM messages s
    WHERE s.conversation_id = m.conversation_id AND coalesce(s.parent_id, 0) = coalesce(m.parent_id, 0)
      AND s.deleted_at IS NULL
    ORDER BY s.id) AS sibling_ids`;

export const MESSAGE_COLUMNS = messageColumns();

/** `messages` may be a selection of rows of that table. */
export const messageTables = (messages: string): string =>
  `${messages} m LEFT JOIN users a ON a.id = m.author_id`;

export const MESSAGE_TABLES = messageTables('messages');

/** Messages in an order, each with the bytes of the texts before it, which bound a page. */
export const measured = (order: string, where: string): string => `(
  SELECT m.*, coalesce(sum(${bytesOf('m')})
    OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
  FROM messages m WHERE m.deleted_at IS NULL AND ${where})`;

/** One text for a whole page costs a node a third of what its rows would. */
export const jsonPage = (select: string): string =>
  `(SELECT coalesce(json_agg(page), '[]') FROM (${select}) page)`;

/** Adds the new row to its siblings: a statement's snapshot is older than its own insert. */
export const withItself = (message: Message): Message => ({
  ...message,
  sibling_ids: [...message.sibling_ids, message.id],
});
