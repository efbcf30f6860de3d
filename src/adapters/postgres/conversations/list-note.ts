/**
 * Records changes of members' lists for the sweep of the nodes, which otherwise finds only conversations that became
 * active. `changed` has the ids of the conversations.
 */
export const noteForMembers = (changed: string): string => `
  INSERT INTO list_changes (user_id, conversation_id)
  SELECT cm.user_id, cm.conversation_id FROM ${changed} AS changed
  JOIN conversation_members cm ON cm.conversation_id = changed.id`;
