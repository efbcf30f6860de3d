import type { Conversation, ConversationAnswer } from '../../contract/rest.js';

/**
 * Replies and events arrive in any order. Of two with the same time the later arrival counts, but the state of an
 * answer never moves backwards.
 */
export function newer(known: Conversation | null | undefined, fresh: Conversation): Conversation {
  if (!known) return fresh;
  if (known.updated_at > fresh.updated_at) return known;
  const isSame = known.answer?.message_id === fresh.answer?.message_id;
  return isSame ? withAnswer(fresh, newerAnswer(known.answer, fresh.answer)) : fresh;
}

/** A conversation after `answer:changed`. */
export const answered = (known: Conversation, answer: ConversationAnswer | null): Conversation =>
  withAnswer(known, newerAnswer(known.answer, answer));

export const isLive = (answer: ConversationAnswer | null): boolean =>
  answer?.status === 'queued' || answer?.status === 'streaming';

const withAnswer = (conversation: Conversation, answer: ConversationAnswer | null): Conversation =>
  answer === conversation.answer ? conversation : { ...conversation, answer };

/**
 * Nodes tell of different answers at the same time: news of an earlier answer must not hide a later one that waits or
 * runs.
 */
function newerAnswer(
  known: ConversationAnswer | null,
  fresh: ConversationAnswer | null,
): ConversationAnswer | null {
  if (known === null || fresh === null) return fresh;
  if (known.message_id !== fresh.message_id)
    return fresh.message_id < known.message_id && isLive(known) ? known : fresh;
  if (known.attempt !== fresh.attempt) return known.attempt > fresh.attempt ? known : fresh;
  return rank(known) > rank(fresh) ? known : fresh;
}

/** An answer that lost its place may wait again, which its next attempt ends. */
const rank = ({ status }: ConversationAnswer): number =>
  status === 'queued' ? 0 : status === 'streaming' ? 1 : 2;
