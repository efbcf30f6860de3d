import type { ChatMessage, ConversationState } from '../../../client/index.js';

/** The last question of this user on the branch that is shown. */
export const lastOwnQuestion = (
  state: ConversationState | null,
  userId: number | null,
): ChatMessage | null =>
  state?.messages.findLast(
    ({ role, author }) => role === 'user' && (author === null || author.id === userId),
  ) ?? null;
