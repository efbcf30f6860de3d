import { LIMITS } from '../../../contract/limits.js';
import { times } from '../sql/time-columns.js';

const BRIEF = `json_build_object('message_id', m.id, 'attempt', m.attempt, 'status', m.status)`;

/** The answer that runs, else the first that waits, else the end of the active branch if that is an answer. */
export const ANSWER = `coalesce(
  (SELECT ${BRIEF} FROM generations g JOIN messages m ON m.id = g.message_id
    WHERE g.conversation_id = c.id AND g.state <> 'finished'
    ORDER BY g.state = 'running' DESC, g.id LIMIT 1),
  (SELECT ${BRIEF} FROM messages m WHERE m.id = c.active_message_id AND m.role = 'assistant'))`;

export const CONVERSATION_SETTINGS = `c.id, c.title, c.model, c.system_prompt, c.temperature, c.max_tokens,
  c.reply_mode, NULL::text AS provider, c.active_message_id, ${ANSWER} AS answer`;

/** Columns of `conversations c`, in the shape of the contract. */
export const FIELD_COLUMNS = `${CONVERSATION_SETTINGS},
  ${times('c.created_at', 'c.updated_at', 'c.last_message_at')}`;

/** Counts up to a bound, so that the cost does not grow with the number of unread messages. */
const UNREAD = `
  (SELECT count(*) FROM (
    SELECT FROM messages m WHERE m.conversation_id = c.id AND m.id > coalesce(cm.read_message_id, 0)
      AND m.deleted_at IS NULL AND m.role <> 'system'
      AND (m.role = 'assistant' OR m.author_id IS DISTINCT FROM cm.user_id)
    LIMIT ${LIMITS.unreadCount}) unread)`;

const NAMES = `
  ARRAY(SELECT u.username FROM conversation_members o JOIN users u ON u.id = o.user_id
    WHERE o.conversation_id = c.id AND o.user_id <> cm.user_id
    ORDER BY o.created_at, o.user_id LIMIT ${LIMITS.memberNames})`;

/** Columns that depend on the reading member, and the number of members. */
export const MEMBERSHIP = `cm.role AS my_role,
  (SELECT count(*) FROM conversation_members x WHERE x.conversation_id = c.id) AS member_count,
  ${NAMES} AS member_names, cm.pinned, cm.archived, ${UNREAD} AS unread_count, cm.read_message_id`;

/** The same for a conversation that was just created, and its only member. */
export const NEW_MEMBERSHIP = `cm.role AS my_role, 1 AS member_count, ARRAY[]::text[] AS member_names,
  cm.pinned, cm.archived, 0 AS unread_count, cm.read_message_id`;

/** Columns of a `Conversation`, for `CONVERSATION_TABLES`. */
export const CONVERSATION_COLUMNS = `${FIELD_COLUMNS}, ${MEMBERSHIP}`;

export const CONVERSATION_TABLES =
  'conversations c JOIN conversation_members cm ON cm.conversation_id = c.id';

export const membersOf = (id: string): string => `
  SELECT u.id, u.username, cm.role FROM conversation_members cm JOIN users u ON u.id = cm.user_id
  WHERE cm.conversation_id = ${id} ORDER BY cm.created_at, u.id`;
