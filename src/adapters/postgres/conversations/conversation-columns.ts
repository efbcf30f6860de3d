import { times } from '../sql/time-columns.js';

export const CONVERSATION_SETTINGS =
  'c.id, c.title, c.model, c.system_prompt, c.temperature, c.max_tokens, c.active_message_id';

/** Columns of `conversations c`, in the shape of the contract. */
export const FIELD_COLUMNS = `${CONVERSATION_SETTINGS},
  ${times('c.created_at', 'c.updated_at', 'c.last_message_at')}`;

/** Columns that depend on the reading member, and the number of members. */
export const MEMBERSHIP = `cm.role AS my_role,
  (SELECT count(*) FROM conversation_members x WHERE x.conversation_id = c.id) AS member_count`;

/** Columns of a `Conversation`, for `CONVERSATION_TABLES`. */
export const CONVERSATION_COLUMNS = `${FIELD_COLUMNS}, ${MEMBERSHIP}`;

export const CONVERSATION_TABLES =
  'conversations c JOIN conversation_members cm ON cm.conversation_id = c.id';

export const membersOf = (id: string): string => `
  SELECT u.id, u.username, cm.role FROM conversation_members cm JOIN users u ON u.id = cm.user_id
  WHERE cm.conversation_id = ${id} ORDER BY cm.created_at, u.id`;
