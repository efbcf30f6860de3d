import type { Pending } from '../../../client/index.js';
import type { Conversation } from '../../../contract/rest.js';

/** The mark that a row of the list shows beside its title. */
export type RowState = 'answering' | 'waiting' | 'failed' | 'unsent' | 'new';

interface Here {
  /** Messages of this device that the server does not have yet. */
  pending: readonly Pending[];
  isOnline: boolean;
  /** The conversation is the shown one, so its reader sees all the rest. */
  isCurrent: boolean;
}

/** The most important mark; null if nothing happens that the reader does not know. */
export function rowStateOf(conversation: Conversation, here: Here): RowState | null {
  const { id, answer, unread_count } = conversation;
  const own = here.pending.filter(({ entry }) => entry.conversation_id === id);
  if (own.some(({ error }) => error !== null)) return 'unsent';
  if (answer?.status === 'streaming') return 'answering';
  if (answer?.status === 'queued' || (own.length > 0 && !here.isOnline)) return 'waiting';
  if (here.isCurrent || unread_count === 0) return null;
  return answer?.status === 'failed' || answer?.status === 'interrupted' ? 'failed' : 'new';
}
