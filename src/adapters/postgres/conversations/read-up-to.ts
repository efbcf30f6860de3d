/** The author of a message has read everything up to it. `made` is its row; binds: conversation first of all. */
export const readUpTo = (made: string, memberId: string): string => `
  seen AS (
    UPDATE conversation_members cm SET read_message_id = greatest(cm.read_message_id, ${made}.id) FROM ${made}
    WHERE cm.conversation_id = $1 AND cm.user_id = ${memberId}
  )`;
